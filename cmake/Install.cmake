# What `make install` puts where, below a prefix: bin/weir finds its libraries in ../lib/weir, wherever the folder is moved. Man pages and
# completion are written by the program itself, from the definitions that it parses its arguments by.
install(TARGETS weir RUNTIME DESTINATION bin)
install(FILES ${WEIR_LIBRARIES} DESTINATION lib/weir)
install(CODE "
  file(REMOVE_RECURSE \"${CMAKE_BINARY_DIR}/pages\")
  execute_process(COMMAND \"$<TARGET_FILE:weir>\" pages \"${CMAKE_BINARY_DIR}/pages\" COMMAND_ERROR_IS_FATAL ANY)
  set(WEIR_PROGRAM \"\${CMAKE_INSTALL_PREFIX}/bin/weir\")
  configure_file(\"${CMAKE_SOURCE_DIR}/packaging/weir@.service.in\" \"${CMAKE_BINARY_DIR}/pages/weir@.service\" @ONLY)
")
install(DIRECTORY ${CMAKE_BINARY_DIR}/pages/man DESTINATION share)
install(DIRECTORY ${CMAKE_BINARY_DIR}/pages/bash-completion DESTINATION share)
install(DIRECTORY ${CMAKE_BINARY_DIR}/pages/fish DESTINATION share)
install(FILES ${CMAKE_BINARY_DIR}/pages/zsh/site-functions/_weir DESTINATION share/zsh/site-functions)
install(FILES ${CMAKE_BINARY_DIR}/pages/weir@.service DESTINATION lib/systemd/system)
install(DIRECTORY examples/flights DESTINATION share/doc/weir/examples)
install(DIRECTORY docs/guide docs/operating docs/formats DESTINATION share/doc/weir)
install(FILES LICENSE README.md packaging/copyright DESTINATION share/doc/weir)
