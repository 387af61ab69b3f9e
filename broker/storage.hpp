#pragma once
// Storage: the places where things are kept, opened: the store (queues, sessions, retained messages) and the
// catalogue (products, devices, users). With a data directory both outlive the process:
//
//   DIR/log/             the commit log, docs/storage-format.md
//   DIR/catalogue.db     SQLite
//   DIR/secrets.key      what devices' secrets in it are encrypted with
//   DIR/admin.password   the administrator's first password, until somebody removes it
//
// Without one both are in memory. Errors: StorageError, a sentence that names the file and the way out.
// Threads: opened and closed on one thread; store and catalogue as their headers say.

#include "base/telemetry.hpp"
#include "config.hpp"
#include "store/catalogue.hpp"
#include "store/directory.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace holdfast::store {
class LogStore;
}

namespace holdfast {

class StorageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Storage {
    std::unique_ptr<store::Directory> directory;  ///< null: in memory
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::Catalogue> catalogue;
    store::LogStore* log = nullptr;  ///< the store, when it is one

    [[nodiscard]] bool is_durable() const { return directory != nullptr; }
};

/// The catalogue is not started. What was found damaged is told to `events` as it is opened. Throws
/// StorageError.
[[nodiscard]] Storage open_storage(const Config& config, EventSink& events);

using PrintLine = std::function<void(std::string_view line)>;
/// Reads everything in the commit log of a data directory that is not open, and prints what it found.
/// True: it is healthy. Throws StorageError when it cannot be read.
[[nodiscard]] bool verify_storage(const std::string& data_directory, const PrintLine& print);
/// Prints what stands in it. True: all of it.
[[nodiscard]] bool dump_storage(const std::string& data_directory, const PrintLine& print);

/// The folder of a data directory that has the commit log.
[[nodiscard]] std::string log_folder(const std::string& data_directory);

/// Leaves a first password where only the owner of the data directory can read it; returns the file.
[[nodiscard]] std::string leave_first_password(const std::string& data_directory,
                                               const std::string& password);

}  // namespace holdfast
