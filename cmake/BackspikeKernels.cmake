# The one list of instruction sets: it drives the build, the dispatch (generated list) and the tests. Best first. Each
# src/kernels/isa/isa_NAME.cpp and patches_NAME.cpp is the same generic code compiled for one of them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(backspike_isas avx512 avx2 sse2 scalar)
else()
  set(backspike_isas scalar)
endif()
set(flags_avx512 -mavx512f -mavx2 -mprefer-vector-width=512)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND flags_avx512 -Wno-maybe-uninitialized)  # gcc 12 warns about the undefined operand of its _mm512_sqrt_ps
endif()
set(flags_avx2 -mavx2 -mfma)  # every processor with AVX2 has it; nothing is fused that is not asked for
set(flags_sse2 -msse2)
set(flags_scalar "")

# Not under sanitizers: with -O1 the compiler takes 8 minutes for one of these files instead of a quarter of one, which
# the tests do not win back.
if(BACKSPIKE_SANITIZE)
  set(optimised -O0)
else()
  set(optimised -O3)
endif()

set(declarations "")
set(entries "")
set(patch_entries "")
foreach(isa IN LISTS backspike_isas)
  target_sources(backspike PRIVATE kernels/isa/isa_${isa}.cpp kernels/isa/patches_${isa}.cpp)
  # Optimised in every build type: unoptimised SIMD wrappers are 50 times slower, and inline functions that were not
  # inlined could be picked by the linker for processors that lack the instructions (tests/kernels/test_symbols.py).
  set_source_files_properties(kernels/isa/isa_${isa}.cpp kernels/isa/patches_${isa}.cpp
                              PROPERTIES COMPILE_OPTIONS "${optimised};${flags_${isa}}")
  set_property(TARGET backspike APPEND PROPERTY BACKSPIKE_ISA_OBJECTS isa_${isa}.cpp.o=${isa}
               patches_${isa}.cpp.o=${isa})
  string(APPEND declarations "extern const table ${isa}_table;\nextern const patch_functions ${isa}_patches;\n")
  string(APPEND entries "&${isa}_table, ")
  string(APPEND patch_entries "&${isa}_patches, ")
endforeach()
if("avx512" IN_LIST backspike_isas)
  target_sources(backspike PRIVATE kernels/product_bfloat16.cpp)
  set_source_files_properties(kernels/product_bfloat16.cpp
                              PROPERTIES COMPILE_OPTIONS "${optimised};${flags_avx512};-mavx512bf16")
  set_property(TARGET backspike APPEND PROPERTY BACKSPIKE_ISA_OBJECTS product_bfloat16.cpp.o=avx512)
endif()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/generated/kernels/isa_list.hpp CONTENT
"#pragma once
// Generated from cmake/BackspikeKernels.cmake.
#include \"kernels/kernel_table.hpp\"
#include \"kernels/patches.hpp\"
namespace backspike::kernels {
@declarations@inline constexpr const table* built_tables[] = {@entries@};
inline constexpr const patch_functions* built_patches[] = {@patch_entries@};
}  // namespace backspike::kernels
" @ONLY)
target_include_directories(backspike PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
