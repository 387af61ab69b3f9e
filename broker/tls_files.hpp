#pragma once
// TlsFiles: reads the TLS files of all listeners again when one has changed or somebody asks, and tells what
// came of it. Threads: one at a time. Lifetime: the sources outlive it.

#include "base/telemetry.hpp"
#include "net/tls_context.hpp"

#include <string>
#include <vector>

namespace holdfast {

class TlsFiles {
public:
    /// `place`: of the listener, for the log.
    void add(std::string place, net::TlsSource& source) { listeners_.push_back({std::move(place), source}); }
    /// True: some are new. `is_asked`: also those that have not changed are read.
    [[nodiscard]] bool read_changed(bool is_asked, EventSink& events);

private:
    struct Listener {
        std::string place;
        net::TlsSource& source;
    };
    std::vector<Listener> listeners_;
};

}  // namespace holdfast
