# Flags that every target of ours shares, and the one list of instruction sets.

add_library(backspike_flags INTERFACE)
target_compile_options(backspike_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion  # sign: indices mix size_t and ptrdiff_t freely
  -ffp-contract=off)  # the same bits on every instruction set: a fused multiply-add rounds once, not twice
if(BACKSPIKE_SANITIZE)
  target_compile_options(backspike_flags INTERFACE -fsanitize=${BACKSPIKE_SANITIZE} -fno-omit-frame-pointer -g)
  target_link_options(backspike_flags INTERFACE -fsanitize=${BACKSPIKE_SANITIZE})
  if(BACKSPIKE_SANITIZE MATCHES "undefined")
    target_compile_options(backspike_flags INTERFACE -fno-sanitize-recover=all)
  endif()
endif()

# backspike_library(NAME sources...): a static library of ours with the alias backspike::SUFFIX.
function(backspike_library target)
  add_library(${target} STATIC ${ARGN})
  string(REGEX REPLACE "^backspike_?" "" suffix ${target})
  if(NOT suffix)
    set(suffix backspike)
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${suffix})
  add_library(backspike::${suffix} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:backspike_flags>)
  set_property(GLOBAL APPEND PROPERTY BACKSPIKE_LIBRARIES ${target})
endfunction()
