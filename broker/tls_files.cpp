#include "tls_files.hpp"

namespace holdfast {

bool TlsFiles::read_changed(bool is_asked, EventSink& events) {
    bool is_any_new = false;
    for (const Listener& listener : listeners_) {
        if (!is_asked && !listener.source.has_changed()) continue;
        const auto read = listener.source.read();
        is_any_new = is_any_new || read.has_value();
        const std::string detail =
            listener.place + (read.has_value() ? " has new certificates"
                                               : " goes on as it was: " + read.error().message);
        Event event;
        event.severity = read.has_value() ? Severity::info : Severity::error;
        event.name = read.has_value() ? "tls_files_read" : "tls_files_refused";
        event.detail = detail;
        events.on_event(event);
    }
    return is_any_new;
}

}  // namespace holdfast
