#pragma once
// DeviceRemovals: finishes the deletions of devices that the end of the process, or a store that failed,
// interrupted: the session ends, messages and notes go, then the catalogue forgets the device. Runs at the
// start, before anybody is let in. Owned by itself until it has answered. Threads: the shard of the turn.
// Errors: of catalogue and store; what was not finished is finished by the next start.

#include "delivery/delivery.hpp"
#include "session/action.hpp"
#include "session/registry.hpp"
#include "store/catalogue.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <system_error>
#include <vector>

namespace holdfast {

class DeviceRemovals : public std::enable_shared_from_this<DeviceRemovals> {
public:
    struct Context {
        store::Catalogue& catalogue;
        delivery::Delivery& delivery;
        session::Registry& registry;
        session::Actions& actions;
    };
    using Done = std::function<void(std::error_code)>;

    DeviceRemovals(Context context, Done done) : context_(context), done_(std::move(done)) {}
    void start();

private:
    void on_list(std::error_code error, std::vector<store::RemovedDevice> removed);
    void next();
    void remove(const store::RemovedDevice& removed, bool is_id_taken);
    void remove_notes(std::uint64_t number);
    void forget(std::uint64_t number);

    const Context context_;
    const Done done_;
    std::vector<store::RemovedDevice> removed_;  ///< the last one first
};

}  // namespace holdfast
