#pragma once

// One HTTP/1.1 message from bytes, without a socket: Beast's parser behind two small classes, plus
// the framing rules that Beast leaves open (a message that two parsers could cut differently is an
// error). Internal to this module.

#include <cstddef>
#include <memory>
#include <string>

#include "http/message.h"

namespace http {

struct ParserLimits {
  size_t header = 0;
  size_t body = 0;
};

enum class ParseState { kIncomplete, kDone, kFailed };

// Why a message was refused: the status that a server answers, and the reason for a person.
struct ParseFailure {
  int status = 400;
  std::string reason;
};

class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();

  // Takes what belongs to this message off the front of `input`.
  ParseState Put(std::string& input);
  const ParseFailure& failure() const;

  // The client waits for "100 Continue" before it sends the body.
  bool WantsContinue() const;
  // A byte of this request has been seen.
  bool Started() const;
  // The header is there and keeps the rules; the body may be on its way.
  bool HeaderDone() const;
  // How much of the body has been seen.
  size_t BodySize() const;
  // The request without its body. REQUIRES: HeaderDone().
  Request Head() const;

  // After kDone.
  bool KeepAlive() const;
  bool IsHttp10() const;
  Request Take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

class ResponseParser {
 public:
  enum class Body { kNormal, kNone /* the answer to HEAD */ };

  ResponseParser(const ParserLimits& limits, Body body);
  ~ResponseParser();

  // As above. Interim (1xx) responses are swallowed.
  ParseState Put(std::string& input);
  // The peer closed the connection in an orderly way: the end of a body without a length.
  ParseState PutEof();
  const ParseFailure& failure() const;

  // The header is there, whatever becomes of the body.
  bool HeaderDone() const;

  // After kDone.
  bool KeepAlive() const;
  // Once the header is there: with what there is of the body.
  Response Take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
