#include "emulator_http/s3_answers.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace emulator_http {

namespace {

using base::Cat;

constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string XmlText(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

std::string Element(std::string_view name, std::string_view text) {
  return Cat("<", name, ">", XmlText(text), "</", name, ">");
}

std::string IfGiven(std::string_view name, std::string_view text) {
  return text.empty() ? "" : Element(name, text);
}

http::Response XmlResponse(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.Set("Content-Type", "application/xml");
  return response;
}

// The bytes from `first` to `last`, both among them.
struct Range {
  int64_t first = 0, last = 0;
};

// "bytes=0-99", "bytes=100-", "bytes=-100".
std::optional<Range> ParseRange(std::string_view text, int64_t size) {
  constexpr std::string_view kBytes = "bytes=";
  const size_t dash = text.find('-');
  if (!text.starts_with(kBytes) || dash == std::string_view::npos)
    return std::nullopt;
  const std::string_view from = text.substr(kBytes.size(), dash - kBytes.size());
  const std::string_view to = text.substr(dash + 1);
  const auto first = base::ParseInt(from), last = base::ParseInt(to);
  if ((!from.empty() && (!first || *first < 0)) || (!to.empty() && (!last || *last < 0)) ||
      (from.empty() && to.empty()))
    return std::nullopt;
  if (from.empty())
    return Range{std::max<int64_t>(size - *last, 0), size - 1};
  if (last && *last < *first)
    return std::nullopt;
  return Range{*first, std::min(last.value_or(size - 1), size - 1)};
}

// One key, or what several have in common up to the delimiter.
std::string NameOf(const S3ListAsked& asked, const std::string& key) {
  const size_t end =
      asked.delimiter.empty() ? key.npos : key.find(asked.delimiter, asked.prefix.size());
  return end == key.npos ? key : key.substr(0, end + asked.delimiter.size());
}

std::string ContentsOf(const S3Item& item) {
  return Cat("<Contents>",
             Element("Key", item.key),
             Element("LastModified", item.written_at),
             Element("Size", Cat(item.size)),
             Element("StorageClass", "STANDARD"),
             "</Contents>");
}

}  // namespace

http::Response S3Error(int status, std::string_view code, std::string_view message) {
  return XmlResponse(
      status, Cat(kXml, "<Error><Code>", code, "</Code><Message>", message, "</Message></Error>"));
}

http::Response S3Object(std::string body,
                        const std::string& last_modified,
                        const std::optional<std::string>& range) {
  const auto size = static_cast<int64_t>(body.size());
  http::Response response{.body = std::move(body)};
  if (const auto part = range ? ParseRange(*range, size) : std::nullopt) {
    if (part->first >= size)
      return S3Error(416, "InvalidRange", "The requested range is not satisfiable");
    response.status = 206;
    response.headers.Set("Content-Range", Cat("bytes ", part->first, "-", part->last, "/", size));
    response.body = response.body.substr(static_cast<size_t>(part->first),
                                         static_cast<size_t>(part->last - part->first + 1));
  }
  response.headers.Set("Accept-Ranges", "bytes");
  response.headers.Set("Content-Type", "binary/octet-stream");
  response.headers.Set("Last-Modified", last_modified);
  return response;
}

http::Response S3List(const S3ListAsked& asked, const std::vector<S3Item>& items) {
  const std::string& after = std::max(asked.start_after, asked.token);
  std::string contents, prefixes, last;
  size_t count = 0;
  bool is_cut = false;
  for (const S3Item& item : items) {
    const std::string name = NameOf(asked, item.key);
    const bool is_prefix = name != item.key;
    // A common prefix that was the last of the page before is not told again.
    if (item.key <= after || (is_prefix && (name == last || name == asked.token)))
      continue;
    is_cut = count == asked.most;
    if (is_cut)
      break;
    ++count;
    last = name;
    if (is_prefix)
      prefixes += Cat("<CommonPrefixes>", Element("Prefix", name), "</CommonPrefixes>");
    else
      contents += ContentsOf(item);
  }
  return XmlResponse(200,
                     Cat(kXml,
                         "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
                         Element("Name", asked.bucket),
                         Element("Prefix", asked.prefix),
                         IfGiven("Delimiter", asked.delimiter),
                         IfGiven("StartAfter", asked.start_after),
                         IfGiven("ContinuationToken", asked.token),
                         is_cut ? IfGiven("NextContinuationToken", last) : "",
                         Element("KeyCount", Cat(count)),
                         Element("MaxKeys", Cat(asked.most)),
                         Element("IsTruncated", is_cut ? "true" : "false"),
                         contents,
                         prefixes,
                         "</ListBucketResult>"));
}

}  // namespace emulator_http
