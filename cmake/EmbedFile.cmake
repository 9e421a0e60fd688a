# cmake -DFROM=FILE -DTO=FILE.cc -DNAME=kName -DSPACE=namespace -P EmbedFile.cmake
#
# A file's bytes as a constant of the program: `extern const std::string_view kName` in that namespace.
file(READ "${FROM}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${TO}" "#include <string_view>\n\nnamespace ${SPACE} {\nnamespace {\n\
constexpr unsigned char kBytes[] = {${bytes}};\n}  // namespace\n\
extern const std::string_view ${NAME};\n\
const std::string_view ${NAME}(reinterpret_cast<const char*>(kBytes), sizeof(kBytes));\n\
}  // namespace ${SPACE}\n")
