#pragma once

// A connection as Airflow's URI. Only for this folder. Pure.

#include "secrets/connection.h"

namespace secrets {

base::Result<Connection> ReadUri(std::string_view id, std::string_view uri);

}  // namespace secrets
