#include "http/smtp_client.h"

#include <array>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/text.h"
#include "http/asio.h"
#include "http/connection.h"
#include "http/smtp_reply.h"
#include "http/tls_context.h"

namespace http {

using base::Cat;
using base::ErrorCode;

// Each step says something and names the step that reads the answer.
class SmtpClient::Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(Loop& loop, SmtpServer server, SmtpMail mail, base::Duration timeout, Done done)
      : loop_(loop),
        server_(std::move(server)),
        mail_(std::move(mail)),
        timeout_(timeout),
        done_(std::move(done)) {}

  void Start();
  // Ends it without calling `done`.
  void Abandon();

 private:
  using Step = void (Conversation::*)(const SmtpReply& reply);

  void Ask(std::string line, Step next);
  void Write(std::string bytes, Step next);
  void Await();
  void OnRead(const error_code& error, size_t count);

  void SayHello();
  void OnGreeting(const SmtpReply& reply);
  void OnHello(const SmtpReply& reply);
  void OnStartTls(const SmtpReply& reply);
  void Authenticate();
  void OnUserAsked(const SmtpReply& reply);
  void OnPasswordAsked(const SmtpReply& reply);
  void OnAuthenticated(const SmtpReply& reply);
  void OnSender(const SmtpReply& reply);
  void NextAddress();
  void OnAddress(const SmtpReply& reply);
  void OnData(const SmtpReply& reply);
  void OnTaken(const SmtpReply& reply);

  std::string Whom() const { return Cat("the mail server ", server_.host, ":", server_.port); }
  // Trouble on the way: it says nothing of the mail.
  void Fail(std::string_view why);
  void FailWith(base::Error error);
  void RefuseMail(std::string_view what, const SmtpReply& reply);
  void Succeed();
  void Finish(tl::expected<SmtpOutcome, SmtpError> result);

  Loop& loop_;
  const SmtpServer server_;
  const SmtpMail mail_;
  const base::Duration timeout_;
  Done done_;  // empty: it is over
  Timer timer_;
  std::optional<asio::ssl::context> tls_;
  std::shared_ptr<Connection> connection_;
  SmtpReplyReader reader_;
  SmtpOffers offers_;
  SmtpOutcome outcome_;
  size_t next_address_ = 0;
  bool is_mail_sent_ = false;  // and not answered yet
  Step next_ = nullptr;
  std::string wire_, input_;
  std::array<char, 4096> chunk_;
};

void SmtpClient::Conversation::Start() {
  if (!done_)
    return;
  if (!server_.user.empty() && server_.tls == SmtpServer::Tls::kNone)
    return FailWith({ErrorCode::kInvalidArgument, "no password is sent without TLS"});
  if (server_.tls != SmtpServer::Tls::kNone) {
    auto context = TlsOfClients(server_.ca_file);
    if (!context)
      return FailWith(std::move(context.error()));
    tls_ = std::move(*context);
  }
  timer_ = loop_.After(timeout_, [this] {
    Fail(Cat("the conversation did not end within ", base::FormatDuration(timeout_)));
  });
  const bool is_implicit = server_.tls == SmtpServer::Tls::kImplicit;
  connection_ = std::make_shared<Connection>(
      ContextOf(loop_), is_implicit ? &*tls_ : nullptr, nullptr, "", server_.addresses);
  const Url url{.scheme = "smtp", .host = server_.host, .port = server_.port};
  connection_->Connect(url, [self = shared_from_this()](base::Status status) {
    if (!self->done_)
      return;
    if (!status)
      return self->FailWith(std::move(status.error()));
    self->next_ = &Conversation::OnGreeting;
    self->Await();
  });
}

void SmtpClient::Conversation::Ask(std::string line, Step next) {
  Write(std::move(line) + "\r\n", next);
}

void SmtpClient::Conversation::Write(std::string bytes, Step next) {
  wire_ = std::move(bytes);
  next_ = next;
  connection_->Write(asio::buffer(wire_),
                     [self = shared_from_this()](const error_code& error, size_t) {
                       if (!self->done_)
                         return;
                       if (error)
                         self->Fail(Cat("cannot write: ", error.message()));
                       else
                         self->Await();
                     });
}

void SmtpClient::Conversation::Await() {
  switch (reader_.Put(input_)) {
    case SmtpReplyReader::State::kFailed:
      return Fail(reader_.failure());
    case SmtpReplyReader::State::kDone: {
      const SmtpReply reply = reader_.Take();
      return (this->*next_)(reply);
    }
    case SmtpReplyReader::State::kIncomplete:
      break;
  }
  connection_->ReadSome(asio::buffer(chunk_),
                        [self = shared_from_this()](const error_code& error, size_t count) {
                          if (self->done_)
                            self->OnRead(error, count);
                        });
}

void SmtpClient::Conversation::OnRead(const error_code& error, size_t count) {
  input_.append(chunk_.data(), count);
  if (count == 0 && error)
    return Fail(Cat("it ended the conversation: ", error.message()));
  Await();
}

void SmtpClient::Conversation::OnGreeting(const SmtpReply& reply) {
  if (!reply.IsGood())
    return Fail(Cat("it serves nobody: ", reply.Text()));
  SayHello();
}

// A client without a name of its own says its address (RFC 5321, 4.1.3).
void SmtpClient::Conversation::SayHello() {
  const std::string address = connection_->LocalAddress();
  const bool is_v6 = address.find(':') != std::string::npos;
  Ask(Cat("EHLO [", is_v6 ? "IPv6:" : "", address, "]"), &Conversation::OnHello);
}

void SmtpClient::Conversation::OnHello(const SmtpReply& reply) {
  if (!reply.IsGood())
    return Fail(Cat("it refused EHLO: ", reply.Text()));
  offers_ = OffersOf(reply);
  if (server_.tls == SmtpServer::Tls::kStartTls && !connection_->is_tls()) {
    if (!offers_.start_tls)
      return Fail("it offers no STARTTLS, so nothing is sent to it");
    return Ask("STARTTLS", &Conversation::OnStartTls);
  }
  if (!server_.user.empty())
    return Authenticate();
  Ask(Cat("MAIL FROM:<", mail_.from, ">"), &Conversation::OnSender);
}

void SmtpClient::Conversation::OnStartTls(const SmtpReply& reply) {
  if (!reply.IsGood())
    return Fail(Cat("it refused STARTTLS: ", reply.Text()));
  // It would be read as if it had come under TLS.
  if (!input_.empty())
    return Fail("more than its answer came before TLS: somebody may stand in between");
  connection_->UpgradeToTls(*tls_, [self = shared_from_this()](base::Status status) {
    if (!self->done_)
      return;
    if (!status)
      return self->FailWith(std::move(status.error()));
    self->SayHello();
  });
}

void SmtpClient::Conversation::Authenticate() {
  if (offers_.auth.contains("PLAIN")) {
    const std::string secret =
        Cat(std::string_view("\0", 1), server_.user, std::string_view("\0", 1), server_.password);
    return Ask(Cat("AUTH PLAIN ", base::ToBase64(secret)), &Conversation::OnAuthenticated);
  }
  if (offers_.auth.contains("LOGIN"))
    return Ask("AUTH LOGIN", &Conversation::OnUserAsked);
  Fail("it offers neither AUTH PLAIN nor AUTH LOGIN");
}

void SmtpClient::Conversation::OnUserAsked(const SmtpReply& reply) {
  if (reply.code != 334)
    return OnAuthenticated(reply);
  Ask(base::ToBase64(server_.user), &Conversation::OnPasswordAsked);
}

void SmtpClient::Conversation::OnPasswordAsked(const SmtpReply& reply) {
  if (reply.code != 334)
    return OnAuthenticated(reply);
  Ask(base::ToBase64(server_.password), &Conversation::OnAuthenticated);
}

void SmtpClient::Conversation::OnAuthenticated(const SmtpReply& reply) {
  if (!reply.IsGood())
    return Fail(Cat("it refused the user and password: ", reply.Text()));
  Ask(Cat("MAIL FROM:<", mail_.from, ">"), &Conversation::OnSender);
}

void SmtpClient::Conversation::OnSender(const SmtpReply& reply) {
  if (!reply.IsGood())
    return RefuseMail(Cat("mail from ", mail_.from), reply);
  NextAddress();
}

void SmtpClient::Conversation::NextAddress() {
  if (next_address_ < mail_.to.size())
    return Ask(Cat("RCPT TO:<", mail_.to[next_address_], ">"), &Conversation::OnAddress);
  if (outcome_.taken.empty())
    return Succeed();
  Ask("DATA", &Conversation::OnData);
}

void SmtpClient::Conversation::OnAddress(const SmtpReply& reply) {
  if (reply.code == 421)
    return Fail(Cat("it ends the conversation: ", reply.Text()));
  const std::string& address = mail_.to[next_address_++];
  if (reply.IsGood())
    outcome_.taken.push_back(address);
  else
    outcome_.refused.push_back({address, reply.Text(), reply.IsLasting()});
  NextAddress();
}

void SmtpClient::Conversation::OnData(const SmtpReply& reply) {
  if (reply.code != 354)
    return RefuseMail("the mail", reply);
  is_mail_sent_ = true;
  Write(SmtpData(mail_.text), &Conversation::OnTaken);
}

void SmtpClient::Conversation::OnTaken(const SmtpReply& reply) {
  is_mail_sent_ = false;
  if (!reply.IsGood())
    return RefuseMail("the mail", reply);
  outcome_.answer = reply.Text();
  Succeed();
}

void SmtpClient::Conversation::Fail(std::string_view why) {
  FailWith({is_mail_sent_ ? ErrorCode::kTimeoutUnknown : ErrorCode::kUnavailable,
            Cat(Whom(), ": ", why, is_mail_sent_ ? "; it may have the mail" : "")});
}

void SmtpClient::Conversation::FailWith(base::Error error) {
  Finish(tl::unexpected(SmtpError{std::move(error)}));
}

void SmtpClient::Conversation::RefuseMail(std::string_view what, const SmtpReply& reply) {
  Finish(tl::unexpected(
      SmtpError{{ErrorCode::kUnavailable, Cat(Whom(), " refused ", what, ": ", reply.Text())},
                reply.IsLasting()}));
}

// The answer to QUIT is of no use to anybody.
void SmtpClient::Conversation::Succeed() {
  wire_ = "QUIT\r\n";
  connection_->Write(asio::buffer(wire_),
                     [self = shared_from_this(), connection = connection_](
                         const error_code&, size_t) { connection->Close(); });
  connection_ = nullptr;
  Finish(std::move(outcome_));
}

void SmtpClient::Conversation::Finish(tl::expected<SmtpOutcome, SmtpError> result) {
  const auto self = shared_from_this();
  const Done done = std::move(done_);
  Abandon();
  done(std::move(result));  // may destroy the client
}

void SmtpClient::Conversation::Abandon() {
  done_ = nullptr;
  timer_.Cancel();
  if (connection_)
    connection_->Close();
  connection_ = nullptr;
}

SmtpClient::SmtpClient(Loop& loop) : loop_(loop) {}

SmtpClient::~SmtpClient() {
  if (current_)
    current_->Abandon();
}

void SmtpClient::Send(SmtpServer server, SmtpMail mail, base::Duration timeout, Done done) {
  current_ = std::make_shared<Conversation>(
      loop_, std::move(server), std::move(mail), timeout, std::move(done));
  loop_.Post([conversation = current_] { conversation->Start(); });
}

}  // namespace http
