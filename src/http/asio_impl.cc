// The one file that compiles the bodies of Asio, Asio's TLS and the part of Beast that we use; see
// the definitions in CMakeLists.txt.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
