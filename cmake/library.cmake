# unfold::unfold: one static library of all rooms, installed with the public headers and a find_package config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(ROOMS GLOBAL PROPERTY UNFOLD_ROOMS)
get_property(LIBRARIES GLOBAL PROPERTY UNFOLD_LIBRARIES)
list(TRANSFORM ROOMS REPLACE "(.+)" "$<TARGET_OBJECTS:unfold_\\1>" OUTPUT_VARIABLE OBJECTS)
list(REMOVE_DUPLICATES LIBRARIES)
# Only headers; whoever links the finished library does not need it.
list(REMOVE_ITEM LIBRARIES nlohmann_json::nlohmann_json Eigen3::Eigen)

add_library(unfold STATIC ${OBJECTS})
add_library(unfold::unfold ALIAS unfold)
set_target_properties(unfold PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(unfold PUBLIC cxx_std_20)
target_include_directories(unfold PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                         $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
                                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(unfold PRIVATE ${LIBRARIES})
if(INSTRUMENT)
  target_link_options(unfold INTERFACE ${INSTRUMENT})
endif()

set(CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/unfold)
configure_package_config_file(cmake/unfoldConfig.cmake.in ${PROJECT_BINARY_DIR}/unfoldConfig.cmake
                              INSTALL_DESTINATION ${CONFIG_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unfoldConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(TARGETS unfold EXPORT unfoldTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT unfoldTargets NAMESPACE unfold:: DESTINATION ${CONFIG_DIR})
install(DIRECTORY include/unfold ${PROJECT_BINARY_DIR}/generated/unfold DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/unfoldConfig.cmake ${PROJECT_BINARY_DIR}/unfoldConfigVersion.cmake
              cmake/find_dnnl.cmake
        DESTINATION ${CONFIG_DIR})
