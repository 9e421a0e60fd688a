#pragma once

// One function object of several lambdas, for std::visit.

namespace base {

template <typename... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overload(Handlers...) -> Overload<Handlers...>;

}  // namespace base
