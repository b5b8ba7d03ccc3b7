#pragma once
// What a call refuses.

#include <backspike/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace backspike {

/// The text of the value_error that the call throws; a failure if it throws none.
template <class Call>
std::string refusal_of(const Call& call) {
  try {
    call();
  } catch (const value_error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace backspike
