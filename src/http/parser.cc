#include "http/parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cctype>
#include <optional>

#include "base/safe_text.h"
#include "base/text.h"

namespace http {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using boost::system::error_code;

// Larger bodies grow as they arrive: a Content-Length alone must not make us allocate.
constexpr size_t kReserveMax = 1 << 20;
constexpr size_t kLongestMethod = 20;
constexpr size_t kLastChunkMin = std::string_view("0\r\n\r\n").size();

// Beast's parser, writing straight into our message types.
template <bool kIsRequest>
class Core : public beast::http::basic_parser<kIsRequest> {
 public:
  std::string method;
  std::string target;
  int status = 0;
  int version = 11;
  Headers headers;
  std::string body;

 private:
  using View = beast::string_view;

  void on_request_impl(
      beast::http::verb, View method_text, View target_text, int v, error_code&) override {
    method.assign(method_text.data(), method_text.size());
    target.assign(target_text.data(), target_text.size());
    version = v;
  }
  void on_response_impl(int code, View, int v, error_code&) override {
    status = code;
    version = v;
  }
  void on_field_impl(beast::http::field, View name, View value, error_code&) override {
    if (!this->is_header_done())  // trailers are dropped: nothing of ours may depend on them
      headers.Add({name.data(), name.size()}, std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    body.reserve(std::min<std::uint64_t>(length.value_or(0), kReserveMax));
  }
  std::size_t on_body_impl(View bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

int Count(const Headers& headers, std::string_view lower_name) {
  return static_cast<int>(std::ranges::count_if(headers.all(), [&](const auto& header) {
    return base::ToLower(header.first) == lower_name;
  }));
}

// The rules on framing that hold both ways, after RFC 9112, 6.
std::optional<ParseFailure> CheckFraming(const Headers& headers, int version) {
  const int lengths = Count(headers, "content-length");
  const int encodings = Count(headers, "transfer-encoding");
  if (lengths > 0 && encodings > 0)
    return ParseFailure{400, "both Content-Length and Transfer-Encoding"};
  if (lengths > 1)
    return ParseFailure{400, "more than one Content-Length"};
  if (lengths == 1) {
    const std::string value = *headers.Get("content-length");
    if (value.empty() ||
        !std::ranges::all_of(value, [](unsigned char c) { return std::isdigit(c); }))
      return ParseFailure{400, "Content-Length is not a number"};
  }
  if (encodings > 0 && version < 11)
    return ParseFailure{400, "Transfer-Encoding in HTTP/1.0"};
  if (encodings > 1 ||
      (encodings == 1 && base::ToLower(*headers.Get("transfer-encoding")) != "chunked"))
    return ParseFailure{501, "the only Transfer-Encoding understood is chunked"};
  return std::nullopt;
}

std::optional<ParseFailure> CheckHeader(const Core<false>& core) {
  return CheckFraming(core.headers, core.version);
}

// "host" or "host:port" and nothing else, user information least of all. May be empty, as the RFC
// has it for targets without an authority.
bool IsHost(std::string_view text) {
  const size_t port = text.ends_with(']') ? std::string_view::npos : text.rfind(':');
  const std::string_view name = text.substr(0, port);
  const std::string_view digits =
      port == std::string_view::npos ? std::string_view() : text.substr(port + 1);
  return std::ranges::all_of(digits, [](unsigned char c) { return std::isdigit(c); }) &&
         std::ranges::all_of(name, [](unsigned char c) {
           return std::isalnum(c) ||
                  std::string_view("-._~%:[]").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

// The absolute form, as proxies are sent it: its authority stands in for Host (RFC 9112, 3.2.2).
void TakeAbsoluteForm(Core<true>& core) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!core.target.starts_with(scheme))
      continue;
    const size_t path =
        std::min(core.target.find_first_of("/?", scheme.size()), core.target.size());
    core.headers.Set("Host", core.target.substr(scheme.size(), path - scheme.size()));
    core.target.erase(0, path);
    if (!core.target.starts_with('/'))
      core.target.insert(0, "/");
    return;
  }
}

std::optional<ParseFailure> CheckTarget(const std::string& target) {
  if (!target.starts_with('/') && target != "*")
    return ParseFailure{400, "the request target is not a path"};
  if (!std::ranges::all_of(target, [](unsigned char c) { return c > ' ' && c < 0x7f && c != '#'; }))
    return ParseFailure{400, "the request target holds what must be percent-encoded"};
  return std::nullopt;
}

std::optional<ParseFailure> CheckHeader(Core<true>& core) {
  if (auto failure = CheckFraming(core.headers, core.version))
    return failure;
  const int hosts = Count(core.headers, "host");
  if (hosts > 1 || (hosts == 0 && core.version >= 11))
    return ParseFailure{400, "exactly one Host header is needed"};
  // Which one counts differs from program to program.
  for (const std::string_view name : {"authorization", "content-type", "expect", "origin"}) {
    if (Count(core.headers, name) > 1)
      return ParseFailure{400, base::Cat("more than one header '", name, "'")};
  }
  TakeAbsoluteForm(core);
  if (!IsHost(core.headers.Get("host").value_or("")))
    return ParseFailure{400, "the Host header is not a host and a port"};
  if (auto failure = CheckTarget(core.target))
    return failure;
  const auto expect = core.headers.Get("expect");
  if (expect && base::ToLower(*expect) != "100-continue")
    return ParseFailure{417,
                        base::Cat("cannot meet the expectation '", base::Excerpt(*expect), "'")};
  return std::nullopt;
}

// Whether a line of the header goes on in the next one, which RFC 9112, 5.2 lets a server refuse:
// programs differ in what such a header says. `header` begins at the start of a line.
bool IsFolded(std::string_view header, bool behind_start_line) {
  header = header.substr(0, header.find("\r\n\r\n"));
  return (behind_start_line && (header.starts_with(' ') || header.starts_with('\t'))) ||
         header.find("\r\n ") != std::string_view::npos ||
         header.find("\r\n\t") != std::string_view::npos;
}

// `input` begins with the start line in question.
ParseFailure Explain(const error_code& code, std::string_view input, const ParserLimits& limits) {
  if (code == error::header_limit) {
    // "GET /x", and no end of the line within the limit.
    const std::string_view line = input.substr(0, std::min(input.find("\r\n"), limits.header));
    const size_t space = line.find(' ');
    if (line.size() == limits.header && space < kLongestMethod && line.find('/') == space + 1)
      return {414, base::Cat("the request target is larger than ", limits.header, " bytes")};
    return {431, base::Cat("the header is larger than ", limits.header, " bytes")};
  }
  if (code == error::body_limit)
    return {413, base::Cat("the body is larger than ", limits.body, " bytes")};
  if (code == error::bad_version) {
    const std::string_view line = input.substr(0, input.find("\r\n"));
    if (line.find('\n') == std::string_view::npos && base::GlobMatch("* HTTP/?.?", line))
      return {505, "the HTTP version must be 1.0 or 1.1"};
  }
  return {400, base::Cat("malformed HTTP: ", code.message())};
}

template <bool kIsRequest>
class Machine {
 public:
  explicit Machine(const ParserLimits& limits) : limits_(limits) { Reset(); }

  void Reset() {
    core_.emplace();
    core_->header_limit(static_cast<std::uint32_t>(limits_.header));
    core_->body_limit(limits_.body);
    header_bytes_ = 0;
    header_checked_ = false;
  }

  ParseState Put(std::string& input) {
    size_t used = 0;
    const ParseState state = Consume(input, used);
    input.erase(0, used);
    return state;
  }

  ParseState Fail(ParseFailure failure) {
    failure_ = std::move(failure);
    return ParseState::kFailed;
  }

  Core<kIsRequest>& core() { return *core_; }
  const Core<kIsRequest>& core() const { return *core_; }
  const ParseFailure& failure() const { return failure_; }
  bool header_checked() const { return header_checked_; }

 private:
  ParseState Consume(std::string_view input, size_t& used) {
    while (used < input.size()) {
      // An empty line before a message is to be ignored (RFC 9112, 2.2).
      const std::string_view rest = input.substr(used);
      if (!core_->got_some() && rest.starts_with("\r\n")) {
        used += 2;
        continue;
      }
      if (!core_->got_some() && rest == "\r")
        break;  // the first half of one
      // Beast's assertions want the last chunk's line and end in one piece. Behind a header with
      // chunks there are always more bytes than these.
      if (core_->is_header_done() && core_->chunked() && rest.size() < kLastChunkMin)
        break;
      error_code code;
      const bool behind_start_line = core_->got_some();
      const size_t taken = core_->put({rest.data(), rest.size()}, code);
      used += taken;
      if (code && code != error::need_more)
        return Fail(Explain(code, rest, limits_));
      if (!header_checked_) {
        // Beast limits each line and each attempt, not the sum.
        header_bytes_ += taken;
        const size_t pending = core_->is_header_done() ? 0 : input.size() - used;
        if (header_bytes_ + pending > limits_.header)
          return Fail(Explain(error::header_limit, rest, limits_));
      }
      if (core_->is_header_done() && !header_checked_) {
        header_checked_ = true;
        if (kIsRequest && IsFolded(rest.substr(0, taken), behind_start_line))
          return Fail({400, "a header is folded over two lines"});
        if (auto failure = CheckHeader(*core_))
          return Fail(std::move(*failure));
      }
      if (core_->is_done())
        return ParseState::kDone;
      if (code == error::need_more)
        break;
    }
    // What is left over is part of a line: of the header, of a chunk's size, of the trailer.
    if (input.size() - used > limits_.header)
      return Fail({400, "a line within the chunked body is too long"});
    return ParseState::kIncomplete;
  }

  const ParserLimits limits_;
  std::optional<Core<kIsRequest>> core_;
  size_t header_bytes_ = 0;
  bool header_checked_ = false;
  ParseFailure failure_;
};

}  // namespace

class RequestParser::Impl : public Machine<true> {
  using Machine::Machine;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
ParseState RequestParser::Put(std::string& input) {
  return impl_->Put(input);
}
const ParseFailure& RequestParser::failure() const {
  return impl_->failure();
}
bool RequestParser::KeepAlive() const {
  return impl_->core().keep_alive();
}
bool RequestParser::IsHttp10() const {
  return impl_->core().version < 11;
}
bool RequestParser::Started() const {
  return impl_->core().got_some();
}

bool RequestParser::HeaderDone() const {
  return impl_->header_checked();
}
size_t RequestParser::BodySize() const {
  return impl_->core().body.size();
}
Request RequestParser::Head() const {
  const auto& core = impl_->core();
  return {.method = core.method, .target = core.target, .headers = core.headers};
}

bool RequestParser::WantsContinue() const {
  const auto& core = impl_->core();
  return core.got_some() && core.is_header_done() && !core.is_done() && core.body.empty() &&
         core.version >= 11 && core.headers.Get("expect").has_value();
}

Request RequestParser::Take() {
  auto& core = impl_->core();
  return {.method = std::move(core.method),
          .target = std::move(core.target),
          .headers = std::move(core.headers),
          .body = std::move(core.body)};
}

class ResponseParser::Impl : public Machine<false> {
 public:
  Impl(const ParserLimits& limits, Body body) : Machine(limits), body_(body) { Restart(); }
  void Restart() {
    Reset();
    core().skip(body_ == Body::kNone);
  }

 private:
  const Body body_;
};

ResponseParser::ResponseParser(const ParserLimits& limits, Body body)
    : impl_(std::make_unique<Impl>(limits, body)) {}
ResponseParser::~ResponseParser() = default;

ParseState ResponseParser::Put(std::string& input) {
  for (;;) {
    const ParseState state = impl_->Put(input);
    const int status = impl_->core().status;
    if (state != ParseState::kDone || status / 100 != 1)
      return state;
    if (status == 101)
      return impl_->Fail({502, "the server switched protocols without being asked to"});
    impl_->Restart();
  }
}

ParseState ResponseParser::PutEof() {
  const auto& core = impl_->core();
  if (!core.got_some())
    return impl_->Fail({502, "the connection was closed before any response"});
  error_code code;
  impl_->core().put_eof(code);
  if (code)
    return impl_->Fail({502, "the connection was closed in the middle of the response"});
  return ParseState::kDone;
}

const ParseFailure& ResponseParser::failure() const {
  return impl_->failure();
}
bool ResponseParser::HeaderDone() const {
  return impl_->core().is_header_done() && impl_->core().status / 100 != 1;
}
bool ResponseParser::KeepAlive() const {
  return impl_->core().keep_alive();
}

Response ResponseParser::Take() {
  auto& core = impl_->core();
  return {.status = core.status, .headers = std::move(core.headers), .body = std::move(core.body)};
}

}  // namespace http
