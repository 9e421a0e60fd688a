#include "runtime/secret_filler.h"

#include "base/json_text.h"
#include "engine/secrets.h"
#include "secrets/redact.h"

namespace runtime {

namespace {
// As in Airflow: shorter ones stand in texts that have nothing to do with them.
constexpr size_t kMaskedMin = 5;
}  // namespace

void SecretFiller::Remember(const std::string& secret) {
  if (secret.size() < kMaskedMin || sent_->contains(secret))
    return;
  auto more = std::make_shared<std::set<std::string>>(*sent_);
  more->insert(secret);
  sent_ = std::move(more);
}

void SecretFiller::RememberAll(const secrets::Book& book) {
  const auto remember = [this](const auto& document) {
    for (const std::string& secret : SecretsIn(document))
      Remember(secret);
  };
  for (const secrets::Variable& variable : book.VariablesOfEnvironment())
    remember(variable);
  for (const secrets::Connection& connection : book.ConnectionsOfEnvironment())
    remember(connection);
  for (const auto& [id, row] : state_().records) {
    if (id.kind == model::RecordKind::kVariable) {
      if (const auto variable = book.FindVariable(id.name, &row))
        remember(*variable);
    } else if (id.kind == model::RecordKind::kConnection) {
      if (const auto connection = book.FindConnection(id.name, &row))
        remember(*connection);
    }
  }
}

base::Result<std::string> SecretFiller::Fill(const std::string& body, tmpl::SecretPlaces places) {
  if (body.find(tmpl::kSecretMark) == std::string::npos)
    return body;
  ASSIGN_OR_RETURN(const json::value request, base::ParseJson(body));
  const auto open = [this](const tmpl::SecretPath& path) {
    auto secret = engine::OpenSecret(state_(), path);
    if (secret)
      Remember(*secret);
    return secret;
  };
  ASSIGN_OR_RETURN(const json::value filled, tmpl::FillSecrets(request, places, open));
  return base::Serialize(filled);
}

std::string SecretFiller::Masked(std::string text) const {
  return secrets::Masked(std::move(text), *sent_);
}

void SecretFiller::Mask(json::value& reply) const {
  if (sent_->empty())
    return;
  if (json::array* list = reply.if_array()) {
    for (json::value& item : *list)
      Mask(item);
  }
  json::object* object = reply.if_object();
  if (object == nullptr)
    return;
  for (auto& item : *object) {
    if (item.value().is_string() && std::string_view(item.key()).ends_with("Message"))
      item.value() = Masked(std::string(item.value().get_string()));
    else
      Mask(item.value());
  }
}

}  // namespace runtime
