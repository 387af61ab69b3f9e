#pragma once
// What `holdfast explain` says: how a CONNECT would be judged, or which line of the rules decides about a
// publication or subscription. Asks no running server and looks at no password. Threads: one.
// LiveExplain answers the same of what a running server has in force, for HTTP. Threads: any.

#include "access/access.hpp"
#include "api/explain_source.hpp"
#include "command_line.hpp"
#include "config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// Lines to print. `access` is loaded.
[[nodiscard]] std::string explain(const ExplainCommand& command, const Config& config,
                                  const access::Access& access);

class LiveExplain final : public api::ExplainSource {
public:
    /// `ports`: those that the MQTT listeners have, as configured. Lifetime: `access` outlives it.
    LiveExplain(Config config, const std::vector<std::uint16_t>& ports, const access::Access& access);

    [[nodiscard]] std::optional<api::Explanation> explain(
        const api::ExplainQuestion& question) const override;

private:
    Config config_;
    const access::Access& access_;
};

}  // namespace holdfast
