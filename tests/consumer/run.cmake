# Script: installs the build BUILD to a folder of its own, builds the consumer against it and runs it.
file(REMOVE_RECURSE ${BUILD}/consumer)
foreach(STEP IN ITEMS
    "--install|${BUILD}|--prefix|${BUILD}/consumer/prefix"
    "-S|${CMAKE_CURRENT_LIST_DIR}|-B|${BUILD}/consumer/build|-G|Ninja|-DCMAKE_PREFIX_PATH=${BUILD}/consumer/prefix|-DCMAKE_BUILD_TYPE=Release"
    "--build|${BUILD}/consumer/build")
  string(REPLACE "|" ";" STEP "${STEP}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${STEP} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${BUILD}/consumer/build/consumer COMMAND_ERROR_IS_FATAL ANY)
