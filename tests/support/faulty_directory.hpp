#pragma once
// FaultyDirectory: a directory in memory that fails when a test says so, and remembers every change, so that
// a test can ask what the disk may hold if the power goes at any of them.
//
// A call fails by its number among the changing calls (create, allocate, write, sync, rename, remove,
// truncate, directory sync), or by an error that all of them give until it is taken back. A write that
// fails may have written a part.
// Threads: the calls are behind a mutex; PowerCut is for one thread.

#include "store/directory.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace test_support {

namespace store = holdfast::store;

class FaultyDirectory final : public store::Directory {
public:
    enum class Kind : std::uint8_t {
        create,
        allocate,
        write,
        sync,
        rename,
        remove,
        truncate,
        sync_names,
    };
    /// One change, as a disk would see it.
    struct Step {
        Kind kind;
        std::uint64_t file = 0;  ///< its number; it may have several names one after the other
        std::string name;
        std::string to;
        std::uint64_t offset = 0;  ///< allocate, truncate: the size
        std::vector<std::byte> bytes;
    };
    using Contents = std::map<std::string, std::vector<std::byte>>;

    FaultyDirectory();
    explicit FaultyDirectory(const Contents& contents);

    // --- Failing

    /// The `number`th changing call from now on (1: the next) fails with this; `written`: so many bytes of
    /// it, if it is a write, are there all the same.
    void fail_call(std::uint64_t number, std::error_code error, std::size_t written = 0);
    /// All calls of a kind fail until told otherwise.
    void fail_all(Kind kind, std::error_code error);
    void heal();
    [[nodiscard]] std::uint64_t calls() const;

    // --- Remembering

    [[nodiscard]] std::vector<Step> steps() const;
    [[nodiscard]] std::size_t step_count() const;
    [[nodiscard]] Contents contents() const;

    // --- Directory

    std::string path() const override { return "faulty"; }
    store::IoResult<store::FilePtr> open(const std::string& name) override;
    store::IoResult<store::FilePtr> create(const std::string& name) override;
    std::error_code rename(const std::string& from, const std::string& to) override;
    std::error_code remove(const std::string& name) override;
    store::IoResult<std::vector<std::string>> list() const override;
    std::error_code sync() override;
    store::IoResult<std::unique_ptr<store::DirectoryLock>> lock() override;

private:
    class FaultyFile;
    struct Shared;

    std::shared_ptr<Shared> shared_;
};

/// What a disk holds while steps are taken, and what it may hold if the power goes.
class PowerCut {
public:
    explicit PowerCut(const FaultyDirectory::Contents& at_first);

    void take(const FaultyDirectory::Step& step);

    /// Chooses a number below `count`.
    using Choose = std::function<std::size_t(std::size_t count)>;
    /// Everything synced; of the rest the first writes of each file, the last of these torn at any byte or
    /// with any of its sectors missing, and the first changes of names.
    [[nodiscard]] FaultyDirectory::Contents cut(const Choose& choose) const;
    /// As if everything had been synced.
    [[nodiscard]] FaultyDirectory::Contents all() const;

private:
    struct FileState {
        std::vector<std::byte> durable;
        std::vector<FaultyDirectory::Step> unsynced;
    };
    using Names = std::map<std::string, std::uint64_t>;

    static void apply(std::vector<std::byte>& bytes, const FaultyDirectory::Step& step,
                      std::size_t write_bytes);
    static void apply(Names& names, const FaultyDirectory::Step& step);

    std::map<std::uint64_t, FileState> files_;
    Names durable_names_;
    std::vector<FaultyDirectory::Step> unsynced_names_;
};

}  // namespace test_support
