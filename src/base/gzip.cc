#include "base/gzip.h"

#include <array>
#include <zlib.h>

#include "base/check.h"
#include "base/text.h"

namespace base {

namespace {

constexpr int kGzip = 16;  // added to the window's bits: gzip's header instead of zlib's
constexpr int kMemoryLevel = 8;

// zlib reads through a pointer to what is not const and never writes there.
Bytef* In(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

template <typename Step>
int Run(z_stream& stream, std::string& out, size_t bytes_max, Step step) {
  std::array<char, 65536> chunk;
  int code = Z_OK;
  while (code == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    code = step(&stream);
    out.append(chunk.data(), chunk.size() - stream.avail_out);
  }
  return code;
}

}  // namespace

std::string Gzip(std::string_view text) {
  z_stream stream{};
  CHECK(deflateInit2(&stream,
                     Z_DEFAULT_COMPRESSION,
                     Z_DEFLATED,
                     MAX_WBITS + kGzip,
                     kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = In(text);
  stream.avail_in = static_cast<uInt>(text.size());
  std::string out;
  Run(stream, out, std::string::npos, [](z_stream* s) { return deflate(s, Z_FINISH); });
  deflateEnd(&stream);
  return out;
}

Result<std::string> Gunzip(std::string_view packed, size_t bytes_max) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, MAX_WBITS + kGzip) == Z_OK);
  stream.next_in = In(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  const int code = Run(stream, out, bytes_max, [](z_stream* s) { return inflate(s, Z_NO_FLUSH); });
  inflateEnd(&stream);
  if (out.size() > bytes_max)
    return Fail(ErrorCode::kCorrupt, Cat("unpacks to more than ", bytes_max, " bytes"));
  if (code != Z_STREAM_END)
    return Fail(ErrorCode::kCorrupt, "is no whole gzip file");
  return out;
}

}  // namespace base
