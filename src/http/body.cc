#include "http/body.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace http {

namespace {

constexpr size_t kPiece = size_t{64} << 10;

class FileBody : public PiecedBody {
 public:
  FileBody(int descriptor, uint64_t length) : descriptor_(descriptor), length_(length) {}
  FileBody(const FileBody&) = delete;
  FileBody& operator=(const FileBody&) = delete;
  ~FileBody() override { ::close(descriptor_); }

  std::optional<uint64_t> length() const override { return length_; }
  Next Take(std::string& piece) override {
    if (sent_ == length_)
      return Next::kEnd;
    piece.resize(static_cast<size_t>(std::min<uint64_t>(kPiece, length_ - sent_)));
    ssize_t count = 0;
    do {
      count = ::pread(descriptor_, piece.data(), piece.size(), static_cast<off_t>(sent_));
    } while (count < 0 && errno == EINTR);
    if (count <= 0)  // it was cut short: its length has been told
      return Next::kBroken;
    piece.resize(static_cast<size_t>(count));
    sent_ += static_cast<uint64_t>(count);
    return Next::kPiece;
  }

 private:
  const int descriptor_;
  const uint64_t length_;
  uint64_t sent_ = 0;
};

}  // namespace

struct Stream::State : PiecedBody {
  std::optional<uint64_t> length() const override { return std::nullopt; }
  Next Take(std::string& piece) override {
    if (!waiting.empty()) {
      piece = std::exchange(waiting, {});
      return Next::kPiece;
    }
    if (ended)
      return Next::kEnd;
    return closed ? Next::kBroken : Next::kLater;
  }
  void OnNews(std::function<void()> on_news) override { news = std::move(on_news); }
  bool IsBroken() const override { return closed && !ended; }
  void Close() override {
    closed = true;
    waiting = {};
    news = nullptr;
  }
  void Tell() const {
    if (const auto tell = news)  // a copy: it may close this
      tell();
  }

  std::string waiting;
  std::function<void()> news;
  bool ended = false;
  bool closed = false;
};

struct Stream::Handle {
  explicit Handle(std::shared_ptr<State> of) : state(std::move(of)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { Cut(); }

  void Cut() const {
    if (state->ended || state->closed)
      return;
    state->closed = true;
    state->waiting = {};
    state->Tell();
  }

  std::shared_ptr<State> state;
};

Stream::Stream(std::shared_ptr<State> state)
    : handle_(std::make_shared<Handle>(std::move(state))) {}

bool Stream::Write(std::string_view piece) const {
  State& state = *handle_->state;
  if (state.ended || state.closed)
    return false;
  if (state.waiting.size() + piece.size() > kStreamBufferMax) {
    handle_->Cut();
    return false;
  }
  state.waiting += piece;
  state.Tell();
  return !state.closed;
}

size_t Stream::waiting() const {
  return handle_->state->waiting.size();
}

void Stream::End() const {
  State& state = *handle_->state;
  if (state.closed || std::exchange(state.ended, true))
    return;
  state.Tell();
}

StreamEnds NewStream() {
  auto state = std::make_shared<Stream::State>();
  return {Stream(state), state};
}

base::Result<std::shared_ptr<PiecedBody>> OpenFileBody(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return base::Fail(errno == EACCES ? base::ErrorCode::kPermission : base::ErrorCode::kNotFound,
                      base::Cat("the file '", base::Excerpt(path), "' cannot be read"));
  struct stat seen{};
  if (::fstat(descriptor, &seen) != 0 || !S_ISREG(seen.st_mode)) {
    ::close(descriptor);
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("'", base::Excerpt(path), "' is no file"));
  }
  return std::make_shared<FileBody>(descriptor, static_cast<uint64_t>(seen.st_size));
}

}  // namespace http
