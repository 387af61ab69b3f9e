#include "device_removals.hpp"

#include "api/device_notes.hpp"
#include "device_login.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

void DeviceRemovals::start() {
    context_.catalogue.list_removed_devices(
        *context_.actions.executor,
        [self = shared_from_this()](std::error_code error,
                                    std::vector<store::RemovedDevice> removed) {
            self->on_list(error, std::move(removed));
        });
}

void DeviceRemovals::on_list(std::error_code error, std::vector<store::RemovedDevice> removed) {
    if (error || removed.empty()) return done_(error);
    removed_ = std::move(removed);
    std::ranges::reverse(removed_);
    next();
}

void DeviceRemovals::next() {
    if (removed_.empty()) return start();
    store::RemovedDevice removed = std::move(removed_.back());
    removed_.pop_back();
    std::string device_id = removed.device_id;
    const auto on_found = [self = shared_from_this(), removed = std::move(removed)](
                              std::error_code error, const store::DevicePtr&) {
        if (error && error != store::CatalogueError::not_found) return self->done_(error);
        self->remove(removed, !error);
    };
    context_.catalogue.find_device(std::move(device_id), *context_.actions.executor, on_found);
}

/// A device that was registered since then has the session: its predecessor's ended before.
void DeviceRemovals::remove(const store::RemovedDevice& removed, bool is_id_taken) {
    if (!is_id_taken) {
        context_.registry.end(device_session_key(removed.device_id),
                              CloseReason::administrative_action, context_.actions);
    }
    context_.delivery.remove_device(
        {removed.number, removed.device_id}, context_.actions,
        [self = shared_from_this(), number = removed.number](std::error_code error) {
            if (error) return self->done_(error);
            self->remove_notes(number);
        });
}

void DeviceRemovals::remove_notes(std::uint64_t number) {
    api::DeviceNotes{context_.catalogue.documents()}.remove(
        number, *context_.actions.executor,
        [self = shared_from_this(), number](std::error_code error) {
            if (error) return self->done_(error);
            self->forget(number);
        });
}

void DeviceRemovals::forget(std::uint64_t number) {
    context_.catalogue.forget_removed_device(number, *context_.actions.executor,
                                             [self = shared_from_this()](std::error_code error) {
                                                 if (error) return self->done_(error);
                                                 self->next();
                                             });
}

}  // namespace holdfast
