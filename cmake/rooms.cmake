# A room is a folder of src/: one library unfold_ROOM from all its .cpp files, and one test program test_ROOM from
# tests/ROOM/*_test.cpp. Tests in *_long_test.cpp go to test_ROOM_long and carry the ctest label "long": the sanitised
# run leaves them out. Adding a file adds it to the build; a room without sources yet is an empty one.
include(GoogleTest)

# unfold_room(ROOM [USES lower rooms] [LIBRARIES others'] [SOURCES generated files])
function(unfold_room ROOM)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES;SOURCES" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${ROOM}/*.cpp)
  list(TRANSFORM ARG_USES PREPEND unfold_)
  if(SOURCES)
    add_library(unfold_${ROOM} STATIC ${SOURCES} ${ARG_SOURCES})
    target_include_directories(unfold_${ROOM} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
                                                     ${PROJECT_BINARY_DIR}/generated)
    target_link_libraries(unfold_${ROOM} PUBLIC ${ARG_USES} ${ARG_LIBRARIES} PRIVATE unfold_options)
    set_property(GLOBAL APPEND PROPERTY UNFOLD_ROOMS ${ROOM})
    set_property(GLOBAL APPEND PROPERTY UNFOLD_LIBRARIES ${ARG_LIBRARIES})
  else()
    add_library(unfold_${ROOM} INTERFACE)
    target_link_libraries(unfold_${ROOM} INTERFACE ${ARG_USES} ${ARG_LIBRARIES})
  endif()

  if(UNFOLD_TESTS)
    file(GLOB_RECURSE TESTS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${ROOM}/*_test.cpp)
    set(LONG_TESTS ${TESTS})
    list(FILTER LONG_TESTS INCLUDE REGEX "_long_test\\.cpp$")
    list(FILTER TESTS EXCLUDE REGEX "_long_test\\.cpp$")
    unfold_tests(test_${ROOM} ${ROOM} unfold_${ROOM} "${TESTS}")
    unfold_tests(test_${ROOM}_long "${ROOM};long" unfold_${ROOM} "${LONG_TESTS}")
  endif()
endfunction()

# A test program; each of its tests is a ctest named "ROOM.Suite.Name". The first label is the room's name.
function(unfold_tests TARGET LABELS LIBRARY SOURCES)
  if(SOURCES)
    find_package(GTest REQUIRED)
    list(GET LABELS 0 ROOM)
    add_executable(${TARGET} ${SOURCES})
    target_include_directories(${TARGET} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(${TARGET} PRIVATE UNFOLD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(${TARGET} PRIVATE ${LIBRARY} unfold_options GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${TARGET} TEST_PREFIX "${ROOM}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         PROPERTIES LABELS "${LABELS}" TIMEOUT 600)
  endif()
endfunction()
