#pragma once
// DeviceNotes: what a device tells of itself and what is shown with it: the versions of its SDK, software and
// firmware. Kept as a document of the catalogue under the device's number, so that a device of the same id
// that is registered later has none of it. Written only when it has changed; lost if the process ends
// before, which its next report mends.
// Owns nothing: any number of them may stand for the same documents, as long as a call lasts.
// Threads: any. Lifetime: the documents outlive what was asked of them.

#include "store/documents.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::api {

class DeviceNotes {
public:
    explicit DeviceNotes(store::Documents& documents) : documents_(documents) {}

    /// `note`: a JSON object. Nobody waits for it: what fails comes again with the next report.
    void put(std::uint64_t device_number, const std::string& device_id, const std::string& note,
             store::Executor& executor);
    /// Of each device a JSON object, empty: none; in their order.
    void find(const std::vector<std::uint64_t>& device_numbers, store::Executor& executor,
              const std::function<void(std::error_code, std::vector<std::string>)>& done);
    /// And everything else that the catalogue keeps under the number. Not there: done, too.
    void remove(std::uint64_t device_number, store::Executor& executor,
                const store::Answered& done);

private:
    store::Documents& documents_;
};

}  // namespace holdfast::api
