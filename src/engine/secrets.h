#pragma once

// Variables and connections in the template language: var.value, var.json and conn, with Airflow's
// names. What is a secret stands in what is rendered as a mark (template/secret.h).
//
// Not here: what opens them (secrets/book.h).

#include <string>

#include "engine/state.h"
#include "template/template.h"

namespace engine {

// REQUIRES: `state` outlives the context.
void AddSecrets(const State& state, std::string_view texts, tmpl::Context& context);

// What a mark stands for.
base::Result<std::string> OpenSecret(const State& state, const tmpl::SecretPath& path);

}  // namespace engine
