# Writes OUTPUT: a C file that holds every rule source named after "--" as bytes, and the table of
# them that rules_builtin gives out.

set(sources "")
set(seen_separator OFF)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(seen_separator)
    list(APPEND sources "${CMAKE_ARGV${i}}")
  elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
    set(seen_separator ON)
  endif()
endforeach()
list(SORT sources)

set(arrays "")
set(rows "")
set(count 0)
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME)
  file(READ "${source}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
    bytes "${bytes}")
  string(APPEND arrays "static const char source_${count}[] = {\n${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", \"builtin\", source_${count}, sizeof(source_${count}) - 1},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE "${OUTPUT}" "/* Made from signatures/rules by signatures/embed_rules.cmake. */
#include \"signatures/rules.h\"

${arrays}
static const struct assay_source sources[] = {
${rows}};

void rules_builtin(const struct assay_source **ret_sources, size_t *ret_count)
{
    *ret_sources = sources;
    *ret_count = ${count};
}
")
