# What `cmake --install` puts where, and the package that find_package(backspike) finds.

include(CMakePackageConfigHelpers)

# backspike_find_command(VARIABLE TARGET): how a user of the installed static libraries finds a target that they link.
function(backspike_find_command variable target)
  string(REGEX REPLACE "::.*" "" package ${target})
  if(package STREQUAL "PkgConfig")
    string(REGEX REPLACE "^PkgConfig::" "" prefix ${target})
    set(module ${${prefix}_MODULE_NAME})
    if(NOT module)
      message(FATAL_ERROR "${target} has no single pkg-config module, so that an installed backspike cannot find it")
    endif()
    set(command "find_dependency(PkgConfig)\npkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})")
  elseif(package MATCHES "^(Threads|ZLIB|BLAS|fmt|spdlog|nlohmann_json|tomlplusplus|CLI11)$")
    set(command "find_dependency(${package})")
  elseif(package MATCHES "^(HDF5|hdf5)$")
    message(FATAL_ERROR "Link HDF5 through pkg-config (module hdf5): CMake's FindHDF5 stops in a project without C")
  elseif(package STREQUAL "xsimd")
    message(FATAL_ERROR "Include xsimd without linking its target: Debian's links xtl, which is a package of its own")
  else()
    message(FATAL_ERROR "The libraries link ${target}: say here how find_package(backspike) finds it")
  endif()
  set(${variable} "${command}" PARENT_SCOPE)
endfunction()

# Read from what the libraries link, not from a second list that could differ.
function(backspike_find_commands variable)
  get_property(libraries GLOBAL PROPERTY BACKSPIKE_LIBRARIES)
  set(commands "")
  foreach(library IN LISTS libraries)
    get_target_property(linked ${library} INTERFACE_LINK_LIBRARIES)
    foreach(item IN LISTS linked)
      string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
      # Not a package: build-only flags, our own libraries, and files or flags that the linker takes as they are.
      if(NOT item MATCHES "^\\$<BUILD_INTERFACE:|^backspike|^-|^/|^dl$|^m$")
        backspike_find_command(command ${item})
        list(APPEND commands "${command}")
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES commands)
  list(JOIN commands "\n" commands)
  set(${variable} "${commands}" PARENT_SCOPE)
endfunction()

get_property(backspike_libraries GLOBAL PROPERTY BACKSPIKE_LIBRARIES)
get_property(backspike_programs DIRECTORY apps/backspike PROPERTY BUILDSYSTEM_TARGETS)
set(backspike_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/backspike)

install(TARGETS ${backspike_libraries} EXPORT backspike_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(target IN LISTS backspike_programs)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
install(DIRECTORY include/backspike DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY experiments/ DESTINATION ${CMAKE_INSTALL_DATADIR}/backspike/experiments
        FILES_MATCHING PATTERN "*.toml")
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT backspike_targets NAMESPACE backspike:: FILE backspikeTargets.cmake DESTINATION ${backspike_package_dir})
backspike_find_commands(BACKSPIKE_FIND_DEPENDENCIES)
configure_package_config_file(
  cmake/backspikeConfig.cmake.in ${PROJECT_BINARY_DIR}/backspikeConfig.cmake
  INSTALL_DESTINATION ${backspike_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backspikeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/backspikeConfig.cmake ${PROJECT_BINARY_DIR}/backspikeConfigVersion.cmake
        DESTINATION ${backspike_package_dir})
