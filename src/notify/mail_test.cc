// Mails as texts; Python's email parser judges them in tests/python/test_notifiers.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/safe_text.h"
#include "base/text.h"
#include "notify/forms_mail.h"

namespace notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Letter kLetter{.from = {"Signalbox", "signalbox@x.example"},
                     .to = {{"", "ops@x.example"}},
                     .written_at = *base::ParseTime("2026-01-05T09:55:06Z")};

TEST(Mailbox, IsAnAddressWithOrWithoutAName) {
  EXPECT_EQ(ParseMailbox("a@b.example"), (Mailbox{"", "a@b.example"}));
  EXPECT_EQ(ParseMailbox(" Signalbox <a+b@b.example> "), (Mailbox{"Signalbox", "a+b@b.example"}));
  EXPECT_EQ(ParseMailbox("\"On, call\" <a@b>"), (Mailbox{"On, call", "a@b"}));
  for (const char* text : {"",
                           "a",
                           "a@",
                           "@b",
                           "a@b@c",
                           "a b@c",
                           "a@b..c",
                           ".a@b",
                           "a@b\r\nBcc: x@y",
                           "<a@b> <c@d>",
                           "x\r\ny <a@b>",
                           "x <a@b",
                           "ä@b",
                           "a@b>"})
    EXPECT_EQ(ParseMailbox(text), std::nullopt) << text;
}

TEST(MailForm, IsAMail) {
  const Message message{.id = "n1",
                        .about = "failed delphi",
                        .title = "delphi: train failed",
                        .text = "It gave up. = 100 %",
                        .facts = {{"DAG", "delphi"}},
                        .deployment = "prod"};
  EXPECT_EQ(MailForm(message, kLetter),
            "Date: Mon, 5 Jan 2026 09:55:06 +0000\r\n"
            "From: \"Signalbox\" <signalbox@x.example>\r\n"
            "To: ops@x.example\r\n"
            "Message-ID: <notice.008fd62de64c73b136d0b2d123d62079@x.example>\r\n"
            "In-Reply-To: <about.b93bb3b26d8b17b22f76d366d0e63ee0@x.example>\r\n"
            "References: <about.b93bb3b26d8b17b22f76d366d0e63ee0@x.example>\r\n"
            "Subject: delphi: train failed\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Signalbox-Occasion: failed\r\n"
            "\r\n"
            "delphi: train failed\r\n"
            "\r\n"
            "It gave up. =3D 100 %\r\n"
            "\r\n"
            "DAG: delphi\r\n"
            "\r\n"
            "--=20\r\n"
            "Signalbox, deployment prod\r\n");
}

// Whatever a message says, the header has these lines and no others.
RC_GTEST_PROP(MailForm, NoTextMakesAHeader, (const std::string& drawn)) {
  const std::string text = drawn + "\r\nBcc: evil@x.example\r\n\r\nbody";
  const Message message{.id = text, .about = text, .title = text, .text = text, .deployment = text};
  const std::string mail = MailForm(message, kLetter);
  const std::string header = mail.substr(0, mail.find("\r\n\r\n"));
  size_t names = 0;
  for (const std::string& line : base::Split(header, '\n')) {
    RC_ASSERT(line.size() <= 100U);
    if (!line.starts_with(' '))
      ++names;
  }
  RC_ASSERT(names == 12U);
  for (const char c : mail)
    RC_ASSERT(c == '\r' || c == '\n' || c == '\t' || (c >= ' ' && c <= '~'));
}

TEST(HeaderText, FoldsAtSpacesAndEncodesTheRest) {
  EXPECT_EQ(HeaderText("plain", 7), "plain");
  EXPECT_EQ(HeaderText("naïve", 7), "=?utf-8?B?bmHDr3Zl?=");
  EXPECT_EQ(HeaderText("=?utf-8?B?eA==?=", 7), "=?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?=");
  std::string words;
  for (int i = 0; i < 40; ++i)
    words += base::Cat("word", i, " ");
  words.pop_back();
  const std::string folded = HeaderText(words, 7);
  EXPECT_THAT(folded, HasSubstr("\r\n word"));
  EXPECT_EQ(base::ReplaceAll(folded, "\r\n", ""), words);
}

TEST(QuotedPrintable, EncodesWhatIsNotPlain) {
  EXPECT_EQ(QuotedPrintable("a=b"), "a=3Db");
  EXPECT_EQ(QuotedPrintable("end \nnext\t\n"), "end=20\r\nnext=09\r\n");
  EXPECT_EQ(QuotedPrintable("ä"), "=C3=A4");
  EXPECT_EQ(QuotedPrintable("a\r\nb\rc"), "a\r\nb=0Dc");
  for (const std::string& line : base::Split(QuotedPrintable(std::string(500, 'x')), '\n'))
    EXPECT_LE(line.size(), 77U);  // with its CR
}

}  // namespace
}  // namespace notify
