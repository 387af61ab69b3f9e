#pragma once
// HttpLoginSettings: the service that is asked over HTTP who may connect, as [access] names it. A value.

#include "base/time.hpp"

#include <optional>
#include <string>

namespace holdfast {

struct HttpLoginSettings {
    std::string url;      ///< empty: there is none
    std::string ca_file;  ///< who may sign its certificate; empty: those that the system trusts
    Milliseconds timeout{5'000};                 ///< for one answer, waiting in line included
    std::optional<Seconds> cache = Seconds{10};  ///< how long an answer holds for the same question

    [[nodiscard]] bool is_used() const { return !url.empty(); }
};

}  // namespace holdfast
