#include "cli/secret_input.h"

#include <iostream>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/output.h"

namespace cli {

namespace {

// The terminal shows nothing of what is typed while this lives.
class NoEcho {
 public:
  NoEcho() {
    is_on_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_on_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (is_on_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool is_on_ = false;
};

bool ReadLine(std::string& line) {
  return static_cast<bool>(std::getline(std::cin, line)) && !line.empty();
}

}  // namespace

Outcome<std::string> ReadSecret(const std::string& question) {
  std::string line;
  bool is_read = false;
  if (::isatty(STDIN_FILENO) == 1) {
    PrintError(question + ": ");
    const NoEcho no_echo;
    is_read = ReadLine(line);
    PrintError("\n");
  } else {
    is_read = ReadLine(line);
  }
  if (!is_read)
    return Fail(Exit::kUsage,
                base::Cat(question, " is missing: type it, or give it as a line of stdin"));
  return line;
}

Outcome<std::string> ReadNewSecret(const std::string& question) {
  auto secret = ReadSecret(question);
  if (!secret || ::isatty(STDIN_FILENO) != 1)
    return secret;
  const auto again = ReadSecret(question + " again");
  if (!again)
    return again;
  if (*again != *secret)
    return Fail(Exit::kUsage, "they are not the same: nothing was changed");
  return secret;
}

}  // namespace cli
