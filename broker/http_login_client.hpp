#pragma once
// make_http_login: HttpLogin with a client of its own, as the configuration says it.
// Threads: made and destroyed on the server's own thread; the client lives on `loop`'s.

#include "access/file_error.hpp"
#include "base/environment.hpp"
#include "http_login_settings.hpp"
#include "login_service.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace holdfast {

struct HttpLoginSite {
    boost::asio::any_io_executor loop;
    store::Executor& home;  ///< of the same thread
    const Clock& clock;
    Random& random;
};

/// Null: there is no service. The error is about its ca_file.
[[nodiscard]] access::Loaded<std::unique_ptr<LoginService>> make_http_login(
    const HttpLoginSettings& settings, const HttpLoginSite& site);

}  // namespace holdfast
