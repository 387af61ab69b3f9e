#include "storage.hpp"

#include "store/log_store.hpp"
#include "store/memory_store.hpp"
#include "store/posix_directory.hpp"
#include "store/sqlite_catalogue.hpp"
#include "store/verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace holdfast {

namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

void make_data_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
    throw StorageError(path + ": the data directory cannot be made: " + reason_of(errno) +
                       "; its parent must be there and writable");
}

void tell(EventSink& events, Severity severity, std::string_view name, std::string_view detail) {
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = detail;
    events.on_event(event);
}

void tell_report(const store::OpenReport& report, EventSink& events) {
    for (const store::Damage& damage : report.damages) {
        tell(events, damage.is_torn_tail ? Severity::warning : Severity::error, "store_damaged",
             damage.sentence);
    }
    for (const std::string& note : report.notes) tell(events, Severity::info, "store_note", note);
}

/// A commit log that is there: looking for one makes none.
std::unique_ptr<store::Directory> open_existing(const std::string& data_directory) {
    const std::string folder = log_folder(data_directory);
    if (::access(folder.c_str(), F_OK) != 0) {
        throw StorageError(folder + ": " + reason_of(errno) +
                           "; name the data directory that a server was given");
    }
    auto directory = store::open_posix_directory(folder);
    if (directory.has_error()) throw StorageError(folder + ": " + directory.error().message());
    return *std::move(directory);
}

void open_log(const Config& config, EventSink& events, Storage& storage) {
    const std::string folder = log_folder(*config.data_directory);
    auto directory = store::open_posix_directory(folder);
    if (directory.has_error()) {
        throw StorageError(folder + ": " + directory.error().message() +
                           "; the data directory must be a folder that this user may write to");
    }
    storage.directory = *std::move(directory);
    store::LogStoreOptions options;
    options.sync = config.sync;
    options.sync_interval = config.sync_interval;
    store::OpenReport report;
    auto opened = store::LogStore::open(*storage.directory, options, report);
    tell_report(report, events);
    if (opened.has_error()) throw StorageError(opened.error().sentence);
    storage.log = opened->get();
    storage.store = *std::move(opened);
}

}  // namespace

std::string log_folder(const std::string& data_directory) { return data_directory + "/log"; }

bool verify_storage(const std::string& data_directory, const PrintLine& print) {
    const auto directory = open_existing(data_directory);
    const auto report = store::verify(*directory);
    if (report.has_error()) throw StorageError(report.error().sentence);
    for (const store::Damage& damage : report->open.damages) print(damage.sentence);
    for (const std::string& note : report->open.notes) print(note);
    for (const std::string& problem : report->problems) print(problem);
    print(std::to_string(report->segments) + " segments with " +
          std::to_string(report->records_in_segments) + " records; " +
          std::to_string(report->queues) + " queues; waiting in queues and tables: " +
          std::to_string(report->waiting.records) + " records, " +
          std::to_string(report->waiting.bytes) + " bytes; unreadable: " +
          std::to_string(report->unreadable));
    print(report->problems.empty() ? "healthy" : "NOT healthy");
    return report->problems.empty();
}

bool dump_storage(const std::string& data_directory, const PrintLine& print) {
    const auto directory = open_existing(data_directory);
    const auto lines = store::dump(*directory, print);
    if (lines.has_error()) throw StorageError(lines.error().sentence);
    return true;
}

Storage open_storage(const Config& config, EventSink& events) {
    Storage storage;
    std::string catalogue_file = ":memory:";
    if (config.data_directory) {
        make_data_directory(*config.data_directory);
        open_log(config, events, storage);
        catalogue_file = *config.data_directory + "/catalogue.db";
    } else {
        storage.store = std::make_unique<store::MemoryStore>();
    }
    auto catalogue = store::SqliteCatalogue::open(catalogue_file, {.limits = {}, .is_started = false});
    if (catalogue.has_error()) throw StorageError(catalogue.error().sentence);
    storage.catalogue = *std::move(catalogue);
    return storage;
}

std::string leave_first_password(const std::string& data_directory, const std::string& password) {
    const std::string file = data_directory + "/admin.password";
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string line = password + "\n";
    const bool is_written =
        descriptor >= 0 &&
        ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!is_written) {
        throw StorageError(file + ": the administrator's password cannot be written: " +
                           reason_of(error));
    }
    return file;
}

}  // namespace holdfast
