#include "board/board.h"

#include <algorithm>

#include "base/text.h"
#include "http/etag.h"

namespace board {

namespace {

constexpr std::string_view kIndex = "/index.html";
// Their names hold a hash of what they are: another content has another name.
constexpr std::string_view kHashed = "/assets/";

constexpr std::string_view kNoBoard =
    "<!doctype html>\n<html lang=\"en\"><head><meta "
    "charset=\"utf-8\"><title>Signalbox</title></head>\n"
    "<body><h1>This build of Signalbox has no board</h1>\n"
    "<p>It was built where Node could not be fetched. Build it again with a connection to PyPI and "
    "to "
    "npm's registry: <code>make build</code>.</p>\n"
    "<p>The command line and the REST API below <code>/api/v2</code> work without "
    "it.</p></body></html>\n";

std::string_view PathOf(const http::Request& request) {
  const std::string_view target = request.target;
  return target.substr(0, target.find('?'));
}

bool IsReading(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

bool IsFromBrowser(const http::Request& request) {
  return request.headers.Get("Accept").value_or("").find("text/html") != std::string::npos;
}

bool IsOthers(std::string_view path) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"/api", "/auth", "/metrics", "/assets"},
      [&](std::string_view begin) {
        return path == begin ||
               (path.starts_with(begin) && path.substr(begin.size()).starts_with('/'));
      });
}

// Whether the client takes this encoding; "q=0" refuses it.
bool Takes(const http::Request& request, std::string_view encoding) {
  for (const std::string& one :
       base::Split(request.headers.Get("Accept-Encoding").value_or(""), ',')) {
    const std::string_view text = base::Trim(one);
    const std::string_view name = base::Trim(text.substr(0, text.find(';')));
    if (name == encoding)
      return text.find("q=0") == std::string_view::npos ||
             text.find("q=0.") != std::string_view::npos;
  }
  return false;
}

void Fill(const File& file, const http::Request& request, http::Response& response) {
  response.headers.Set("Content-Type", std::string(file.type));
  response.headers.Set("Vary", "Accept-Encoding");
  if (!file.brotli.empty() && Takes(request, "br")) {
    response.headers.Set("Content-Encoding", "br");
    response.body = file.brotli;
  } else if (!file.gzip.empty() && Takes(request, "gzip")) {
    response.headers.Set("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.plain;
  }
}

}  // namespace

const File* Board::Find(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &File::path);
  return found == files_.end() ? nullptr : &*found;
}

bool Board::Serves(const http::Request& request) const {
  if (!IsReading(request))
    return false;
  const std::string_view path = PathOf(request);
  return Find(path) != nullptr || (IsFromBrowser(request) && !IsOthers(path));
}

http::Response Board::Answer(const http::Request& request) const {
  const std::string_view path = PathOf(request);
  const File* file = Find(path);
  if (file == nullptr)
    file = Find(kIndex);
  http::Response response;
  if (file == nullptr) {
    response.status = 404;
    response.headers.Set("Content-Type", "text/html; charset=utf-8");
    response.body = kNoBoard;
    return response;
  }
  response.headers.Set("ETag", std::string(file->tag));
  response.headers.Set(
      "Cache-Control",
      file->path.starts_with(kHashed) ? "public, max-age=31536000, immutable" : "no-cache");
  if (http::HasTag(request, file->tag)) {
    response.status = 304;
    return response;
  }
  Fill(*file, request, response);
  return response;
}

}  // namespace board
