// Every provider and the search among them, against one fake on loopback that plays IMDS, the
// container's agent, the SSO portal and STS.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "aws/metadata_providers.h"
#include "aws/session.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/server.h"
#include "http/tls_test_util.h"

namespace aws {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string In(base::Duration span) {
  return base::FormatRfc3339(base::Clock::Wall() + span);
}

// <Action>Response, as STS writes it.
std::string StsKeys(std::string_view action, std::string_view access_key) {
  return base::Cat("<?xml version=\"1.0\"?><",
                   action,
                   "Response xmlns=\"https://sts/\"><",
                   action,
                   "Result><Credentials><AccessKeyId>",
                   access_key,
                   "</AccessKeyId><SecretAccessKey>s&amp;s</SecretAccessKey><SessionToken>t"
                   "</SessionToken><Expiration>",
                   In(base::hours(1)),
                   "</Expiration></Credentials></",
                   action,
                   "Result></",
                   action,
                   "Response>");
}

class ProvidersTest : public ::testing::Test {
 protected:
  ProvidersTest()
      : server_(loop_, {}, [this](http::Request request, http::Responder responder) {
          asked_.push_back(base::Cat(request.method, " ", request.target.substr(0, 60)));
          requests_.push_back(request);
          responder.Send(answer_(request));
        }) {
    std::string pattern = ::testing::TempDir() + "/signalbox_aws_XXXXXX";
    home_ = ::mkdtemp(pattern.data());
    url_ = base::Cat("http://127.0.0.1:", *server_.Listen("127.0.0.1", 0));
    environment_ = {{"HOME", home_},
                    {"AWS_REGION", "eu-west-1"},
                    {"AWS_EC2_METADATA_DISABLED", "true"},
                    {"AWS_ENDPOINT_URL_STS", url_},
                    {"AWS_ENDPOINT_URL_SSO", url_}};
  }
  ~ProvidersTest() override { fs::remove_all(home_); }

  std::string Write(const std::string& path, std::string_view text) {
    const std::string full = home_ + "/" + path;
    fs::create_directories(fs::path(full).parent_path());
    std::ofstream(full) << text;
    return full;
  }
  void Config(std::string_view text) { Write(".aws/config", text); }

  base::Result<std::unique_ptr<Session>> Open(const std::string& profile = "") {
    auto environment = [variables =
                            environment_](const std::string& name) -> std::optional<std::string> {
      auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return Session::Create(loop_, {.environment = environment, .profile = profile, .region = ""});
  }
  base::Result<Found> Search(const std::string& profile = "") {
    ASSIGN_OR_RETURN(session_, Open(profile));
    RETURN_IF_ERROR(session_->AwaitCredentials());
    return *session_->credentials().found();
  }
  std::string Refusal(const std::string& profile = "") {
    auto found = Search(profile);
    EXPECT_FALSE(found.has_value());
    return found ? "" : found.error().message;
  }

  static http::Response Ok(std::string body) {
    return {.status = 200, .headers = {}, .body = std::move(body)};
  }

  std::string home_, url_;
  std::map<std::string, std::string> environment_;
  http::Loop loop_;
  std::vector<std::string> asked_;
  std::vector<http::Request> requests_;
  std::function<http::Response(const http::Request&)> answer_ = [](const http::Request&) {
    return http::Response{.status = 404, .headers = {}, .body = ""};
  };
  http::Server server_;
  std::unique_ptr<Session> session_;
};

TEST_F(ProvidersTest, ReadsTheEnvironmentWithTokenAndExpiry) {
  environment_["AWS_ACCESS_KEY_ID"] = "a";
  environment_["AWS_SECRET_ACCESS_KEY"] = "s";
  environment_["AWS_SESSION_TOKEN"] = "t";
  environment_["AWS_CREDENTIAL_EXPIRATION"] = In(base::hours(1));
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "env");
  EXPECT_EQ(found->keys.access_key, "a");
  EXPECT_EQ(found->keys.secret_key, "s");
  EXPECT_EQ(found->keys.session_token, "t");
  EXPECT_TRUE(found->expires.has_value());
}

TEST_F(ProvidersTest, KeysThatHaveExpiredAreNotUsed) {
  environment_["AWS_ACCESS_KEY_ID"] = "a";
  environment_["AWS_SECRET_ACCESS_KEY"] = "s";
  environment_["AWS_CREDENTIAL_EXPIRATION"] = "2020-01-01T00:00:00Z";
  EXPECT_THAT(Refusal(), HasSubstr("the keys from env expired at 2020-01-01T00:00:00Z"));
}

TEST_F(ProvidersTest, HalfOfTheKeysIsAnErrorThatNamesTheOtherHalf) {
  environment_["AWS_ACCESS_KEY_ID"] = "a";
  EXPECT_THAT(Refusal(), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
}

TEST_F(ProvidersTest, WithoutAnyItSaysWhatEachOneSaid) {
  const std::string told = Refusal();
  EXPECT_THAT(told, HasSubstr("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  for (const char* source : {"env: AWS_ACCESS_KEY_ID is not set",
                             "assume-role: profile default has no role_arn",
                             "assume-role-with-web-identity: ",
                             "sso: ",
                             "shared-credentials-file: there is no profile default in ",
                             "custom-process: ",
                             "config-file: ",
                             "container-role: neither ",
                             "iam-role: AWS_EC2_METADATA_DISABLED is set"})
    EXPECT_THAT(told, HasSubstr(source));
}

TEST_F(ProvidersTest, TheCredentialsFileGoesBeforeAProcessAndTheConfigFileAfterIt) {
  Config("[default]\naws_access_key_id = c\naws_secret_access_key = s\n");
  EXPECT_EQ(Search()->source, "config-file");
  Config(
      "[default]\naws_access_key_id = c\naws_secret_access_key = s\n"
      "credential_process = printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"p\", "
      "\"SecretAccessKey\": \"s\"}'\n");
  auto process = Search();
  ASSERT_TRUE(process.has_value()) << process.error().message;
  EXPECT_EQ(process->source, "custom-process");
  EXPECT_EQ(process->keys.access_key, "p");
  Write(".aws/credentials", "[default]\naws_access_key_id = f\naws_secret_access_key = s\n");
  EXPECT_EQ(Search()->source, "shared-credentials-file");
}

TEST_F(ProvidersTest, AnExplicitProfileLeavesTheEnvironmentsKeysAside) {
  environment_["AWS_ACCESS_KEY_ID"] = "a";
  environment_["AWS_SECRET_ACCESS_KEY"] = "s";
  environment_["AWS_PROFILE"] = "p";
  Config("[profile p]\naws_access_key_id = c\naws_secret_access_key = s\n");
  EXPECT_EQ(Search()->source, "env");
  EXPECT_EQ(Search("p")->source, "config-file");
}

TEST_F(ProvidersTest, AProcessThatFailsSaysHow) {
  auto told = [this](const std::string& command) {
    Config("[default]\ncredential_process = " + command + "\n");
    return Refusal();
  };
  EXPECT_THAT(told("/nonexistent/program"), HasSubstr("cannot start '/nonexistent/program'"));
  EXPECT_THAT(told("false"), HasSubstr("exit code 1"));
  EXPECT_THAT(told("echo hush"),
              ::testing::AllOf(HasSubstr("printed no JSON object"), Not(HasSubstr("hush"))));
  EXPECT_THAT(told("echo '{\"Version\": 2}'"), HasSubstr("not of Version 1"));
  EXPECT_THAT(told("echo '{\"Version\": 1}'"), HasSubstr("no AccessKeyId"));
  EXPECT_THAT(told("yes"), HasSubstr("more than 64 KiB"));
  EXPECT_THAT(told("echo 'x"), HasSubstr("a quote is not closed"));
}

TEST_F(ProvidersTest, AProcessIsNotAShell) {
  Config("[default]\ncredential_process = echo $HOME; echo x\n");
  EXPECT_THAT(Refusal(), HasSubstr("printed no JSON object")) << "its exit code was echo's own";
}

constexpr char kAgentsKeys[] =
    R"({"AccessKeyId":"c","SecretAccessKey":"s","Token":"t","Expiration":")";

TEST_F(ProvidersTest, AsksTheContainersAgentWithTheTokenOfTheFile) {
  environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url_ + "/creds?id=1";
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "not this";
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = Write("token", "Bearer x");
  answer_ = [](const http::Request&) { return Ok(kAgentsKeys + In(base::hours(6)) + "\"}"); };
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "container-role");
  EXPECT_EQ(found->keys.session_token, "t");
  EXPECT_THAT(asked_, ElementsAre("GET /creds?id=1"));
  EXPECT_EQ(requests_[0].headers.Get("Authorization"), "Bearer x");
}

TEST_F(ProvidersTest, OnlyKnownHostsAreAskedWithoutTls) {
  auto told = [this](const std::string& url) {
    environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    return Refusal();
  };
  EXPECT_THAT(told("http://evil.example/x"), HasSubstr("the host evil.example"));
  EXPECT_THAT(told("http://169.254.169.254/x"), HasSubstr("may only be asked over https"));
  EXPECT_THAT(told("nonsense"), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI: "));
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nb";
  EXPECT_THAT(told(url_), HasSubstr("line break"));
  EXPECT_TRUE(asked_.empty());
}

// The metadata service with one role, as `version` 2 or 1.
std::function<http::Response(const http::Request&)> Imds(int version, std::string keys) {
  return [version, keys = std::move(keys)](const http::Request& request) -> http::Response {
    if (request.method == "PUT")
      return version == 2 ? http::Response{.status = 200, .headers = {}, .body = "TOKEN"}
                          : http::Response{.status = 405, .headers = {}, .body = ""};
    const bool authorized =
        version == 1 || request.headers.Get("x-aws-ec2-metadata-token") == "TOKEN";
    if (!authorized)
      return {.status = 401, .headers = {}, .body = ""};
    return {.status = 200,
            .headers = {},
            .body = request.target.ends_with("/security-credentials/") ? "my-role" : keys};
  };
}

class InstanceTest : public ProvidersTest {
 protected:
  InstanceTest() {
    environment_.erase("AWS_EC2_METADATA_DISABLED");
    environment_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = url_;
  }
};

TEST_F(InstanceTest, AsksForATokenTheRoleAndItsKeys) {
  answer_ = Imds(2, kAgentsKeys + In(base::hours(6)) + "\"}");
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "iam-role");
  EXPECT_EQ(found->detail, "role my-role");
  EXPECT_THAT(asked_,
              ElementsAre("PUT /latest/api/token",
                          "GET /latest/meta-data/iam/security-credentials/",
                          "GET /latest/meta-data/iam/security-credentials/my-role"));
  EXPECT_EQ(requests_[0].headers.Get("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
}

TEST_F(InstanceTest, FallsBackToVersionOneUnlessItIsSwitchedOff) {
  answer_ = Imds(1, kAgentsKeys + In(base::hours(6)) + "\"}");
  EXPECT_TRUE(Search().has_value());
  environment_["AWS_EC2_METADATA_V1_DISABLED"] = "true";
  EXPECT_THAT(Refusal(), HasSubstr("AWS_EC2_METADATA_V1_DISABLED"));
}

TEST_F(InstanceTest, KeysThatTheServiceHandsOutExpiredAreUsedOn) {
  answer_ = Imds(2, kAgentsKeys + In(-base::hours(1)) + "\"}");
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  const base::Duration left = *found->expires - base::Clock::Wall();
  EXPECT_GT(left, base::minutes(16));
  EXPECT_LE(left, base::minutes(25));
}

TEST_F(InstanceTest, AnErrorInA200IsNoKeys) {
  answer_ = Imds(2, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"not trusted"})");
  EXPECT_THAT(Refusal(), HasSubstr("not trusted"));
}

class SsoTest : public ProvidersTest {
 protected:
  void Login(const std::string& name, base::Duration left) {
    Write(".aws/sso/cache/" + base::Sha1Hex(name) + ".json",
          base::Cat(R"({"accessToken":"tok","expiresAt":")", In(left), "\"}"));
  }
};

constexpr char kSsoSession[] =
    "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Data Role\n"
    "[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp.example/start\n";

TEST_F(SsoTest, ExchangesTheTokenOfTheSession) {
  Config(kSsoSession);
  Login("corp", base::hours(1));
  const int64_t expires = base::ToMicros(base::Clock::Wall() + base::hours(2)) / 1000;
  answer_ = [expires](const http::Request&) {
    return Ok(base::Cat(R"({"roleCredentials":{"accessKeyId":"sso","secretAccessKey":"s",)",
                        R"("sessionToken":"t","expiration":)",
                        expires,
                        "}}"));
  };
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "sso");
  EXPECT_EQ(base::ToMicros(*found->expires), expires * 1000);
  EXPECT_EQ(requests_.at(0).target,
            "/federation/credentials?role_name=Data%20Role&account_id=111122223333");
  EXPECT_EQ(requests_.at(0).headers.Get("x-amz-sso_bearer_token"), "tok");
  EXPECT_FALSE(requests_.at(0).headers.Get("Authorization").has_value());
}

TEST_F(SsoTest, KnowsTheOlderKindOfProfile) {
  Config(
      "[profile old]\nsso_start_url = https://s/\nsso_region = r\nsso_account_id = 1\n"
      "sso_role_name = R\n");
  Login("https://s/", base::hours(1));
  answer_ = [](const http::Request&) {
    return http::Response{.status = 401, .headers = {}, .body = "{}"};
  };
  EXPECT_THAT(Refusal("old"), HasSubstr("run `aws sso login --profile old`"));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(SsoTest, AnExpiredOrMissingTokenSaysHowToLogIn) {
  Config(kSsoSession);
  EXPECT_THAT(Refusal(), HasSubstr("run `aws sso login --profile default`"));
  Login("corp", -base::minutes(1));
  EXPECT_THAT(Refusal(), HasSubstr("the SSO token expired at "));
  EXPECT_TRUE(requests_.empty());
}

class RoleTest : public ProvidersTest {
 protected:
  RoleTest() {
    answer_ = [](const http::Request& request) {
      const bool web = request.body.starts_with("Action=AssumeRoleWithWebIdentity&");
      return Ok(StsKeys(web ? "AssumeRoleWithWebIdentity" : "AssumeRole",
                        request.body.find("second") == std::string::npos ? "FIRST" : "SECOND"));
    };
  }
  std::string SignerOf(size_t request) {
    return requests_.at(request).headers.Get("Authorization").value_or("unsigned");
  }
};

TEST_F(RoleTest, TakesOnARoleThroughAChainOfProfiles) {
  Config(
      "[profile top]\nrole_arn = arn:aws:iam::1:role/second\nsource_profile = middle\n"
      "external_id = e x\nrole_session_name = me\nduration_seconds = 900\n"
      "[profile middle]\nrole_arn = arn:aws:iam::1:role/first\nsource_profile = base\n"
      "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
  auto found = Search("top");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "assume-role");
  EXPECT_EQ(found->keys.access_key, "SECOND");
  EXPECT_EQ(found->keys.secret_key, "s&s");
  EXPECT_THAT(found->detail, HasSubstr("profile top → source_profile middle"));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_THAT(SignerOf(0), HasSubstr("Credential=BASE/"));
  EXPECT_THAT(SignerOf(0), HasSubstr("/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(SignerOf(1), HasSubstr("Credential=FIRST/"));
  EXPECT_EQ(requests_[1].body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fsecond&"
            "RoleSessionName=me&ExternalId=e%20x&DurationSeconds=900");
}

TEST_F(RoleTest, TakesOnARoleWithTheEnvironmentsOrItsOwnKeys) {
  environment_["AWS_ACCESS_KEY_ID"] = "ENV";
  environment_["AWS_SECRET_ACCESS_KEY"] = "s";
  Config(
      "[profile env]\nrole_arn = arn:r\ncredential_source = Environment\n"
      "[profile self]\nrole_arn = arn:r\nsource_profile = self\naws_access_key_id = SELF\n"
      "aws_secret_access_key = s\n");
  EXPECT_EQ(Search("env")->keys.access_key, "FIRST");
  EXPECT_THAT(SignerOf(0), HasSubstr("Credential=ENV/"));
  EXPECT_EQ(Search("self")->keys.access_key, "FIRST");
  EXPECT_THAT(SignerOf(1), HasSubstr("Credential=SELF/"));
}

TEST_F(RoleTest, MistakesInAProfileAreTold) {
  Config(
      "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\n"
      "source_profile = a\n"
      "[profile mfa]\nrole_arn = r\nsource_profile = k\nmfa_serial = m\n"
      "[profile both]\nrole_arn = r\nsource_profile = k\ncredential_source = Environment\n"
      "[profile none]\nrole_arn = r\n"
      "[profile gone]\nrole_arn = r\nsource_profile = nowhere\n"
      "[profile odd]\nrole_arn = r\ncredential_source = Moon\n"
      "[profile empty]\nregion = x\n[profile from]\nrole_arn = r\nsource_profile = empty\n"
      "[profile long]\nrole_arn = r\nsource_profile = k\nduration_seconds = hour\n"
      "[profile k]\naws_access_key_id = K\naws_secret_access_key = s\n");
  EXPECT_THAT(Refusal("a"), HasSubstr("circle: a → b → a"));
  EXPECT_THAT(Refusal("mfa"), HasSubstr("mfa_serial needs a person"));
  EXPECT_THAT(Refusal("both"), HasSubstr("both source_profile and credential_source"));
  EXPECT_THAT(Refusal("none"), HasSubstr("needs source_profile or credential_source"));
  EXPECT_THAT(Refusal("gone"), HasSubstr("'nowhere' does not exist"));
  EXPECT_THAT(Refusal("odd"), HasSubstr("credential_source 'Moon'"));
  EXPECT_THAT(Refusal("from"), HasSubstr("source_profile empty gave no keys"));
  EXPECT_THAT(Refusal("long"), HasSubstr("duration_seconds"));
  EXPECT_TRUE(requests_.empty());
}

TEST_F(RoleTest, AWebIdentityIsExchangedUnsigned) {
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("jwt", "one.two.three\n");
  environment_["AWS_ROLE_ARN"] = "arn:web";
  environment_["AWS_ROLE_SESSION_NAME"] = "pod";
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->source, "assume-role-with-web-identity");
  EXPECT_EQ(SignerOf(0), "unsigned");
  EXPECT_THAT(requests_[0].body,
              HasSubstr("&RoleArn=arn%3Aweb&RoleSessionName=pod&WebIdentityToken=one.two.three"));
}

TEST_F(RoleTest, StsIsReachedOverTlsThroughAProxyWithTheConfiguredCertificates) {
  const http::Certificate certificate;
  const http::TlsServer sts(certificate, StsKeys("AssumeRoleWithWebIdentity", "TUNNEL"));
  http::TunnelProxy proxy(sts.port());
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("jwt", "x");
  environment_["AWS_ROLE_ARN"] = "arn:web";
  environment_["AWS_ENDPOINT_URL_STS"] = base::Cat("https://localhost:", sts.port());
  environment_["AWS_CA_BUNDLE"] = certificate.path();
  environment_["HTTPS_PROXY"] = base::Cat("http://me:hush@127.0.0.1:", proxy.port());
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->keys.access_key, "TUNNEL");
  session_.reset();
  EXPECT_THAT(proxy.Asked(), HasSubstr(base::Cat("CONNECT localhost:", sts.port())));
  EXPECT_TRUE(requests_.empty());
}

TEST_F(RoleTest, ARefusalOfStsIsTold) {
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("jwt", "hush");
  environment_["AWS_ROLE_ARN"] = "arn:web";
  answer_ = [](const http::Request&) {
    return http::Response{.status = 400,
                          .headers = {},
                          .body =
                              "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>"
                              "bad</Message></Error></ErrorResponse>"};
  };
  EXPECT_THAT(Refusal(),
              ::testing::AllOf(HasSubstr("InvalidIdentityToken: bad"), Not(HasSubstr("hush"))));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(RoleTest, TroubleOfStsIsAskedAgain) {
  environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = Write("jwt", "x");
  environment_["AWS_ROLE_ARN"] = "arn:web";
  const auto good = answer_;
  answer_ = [this, good](const http::Request& request) {
    return requests_.size() == 1 ? http::Response{.status = 503, .headers = {}, .body = ""}
                                 : good(request);
  };
  EXPECT_TRUE(Search().has_value());
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(RoleTest, ASkewedClockIsCorrectedForAllClients) {
  Config(
      "[default]\nrole_arn = arn:r\nsource_profile = k\n"
      "[profile k]\naws_access_key_id = K\naws_secret_access_key = s\n");
  const auto good = answer_;
  answer_ = [this, good](const http::Request& request) {
    if (requests_.size() > 1)
      return good(request);
    http::Response refusal{.status = 403,
                           .headers = {},
                           .body =
                               "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
                               "</Error></ErrorResponse>"};
    refusal.headers.Set("Date", http::FormatHttpDate(base::Clock::Wall() + base::minutes(30)));
    return refusal;
  };
  auto found = Search();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(requests_.size(), 2U);
  EXPECT_GT(session_->context().clock.offset(), base::minutes(29));
}

}  // namespace
}  // namespace aws
