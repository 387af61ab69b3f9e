#include "support/faulty_directory.hpp"

#include <algorithm>
#include <utility>

namespace test_support {

namespace {

using store::ByteSpan;
using store::FilePtr;
using store::IoResult;
using Kind = FaultyDirectory::Kind;
using Step = FaultyDirectory::Step;

constexpr std::size_t sector_bytes = 512;

std::error_code not_there() { return std::make_error_code(std::errc::no_such_file_or_directory); }

void overwrite(std::vector<std::byte>& file, std::uint64_t offset, ByteSpan bytes) {
    if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
    std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

// --- FaultyDirectory

struct FaultyDirectory::Shared {
    mutable std::mutex mutex;
    std::map<std::string, std::uint64_t> names;
    std::map<std::uint64_t, std::vector<std::byte>> files;
    std::uint64_t next_file = 1;
    std::vector<Step> steps;
    bool is_locked = false;

    std::uint64_t calls = 0;
    std::uint64_t failing_call = 0;
    std::error_code call_error;
    std::size_t call_written = 0;
    std::map<Kind, std::error_code> kind_errors;

    /// The error of this call; `written`: what a write gets done all the same.
    std::error_code count(Kind kind, std::size_t& written) {
        ++calls;
        if (calls == failing_call) {
            written = std::min(written, call_written);
            return call_error;
        }
        const auto error = kind_errors.find(kind);
        if (error == kind_errors.end()) return {};
        written = 0;
        return error->second;
    }
    std::error_code count(Kind kind) {
        std::size_t ignored = 0;
        return count(kind, ignored);
    }
};

class FaultyDirectory::FaultyFile final : public store::File {
public:
    FaultyFile(std::shared_ptr<Shared> shared, std::uint64_t number)
        : shared_(std::move(shared)), number_(number) {}

    std::error_code write(std::uint64_t offset, ByteSpan bytes) override {
        const std::scoped_lock lock{shared_->mutex};
        std::size_t written = bytes.size();
        const std::error_code error = shared_->count(Kind::write, written);
        if (written > 0) {
            overwrite(shared_->files[number_], offset, bytes.first(written));
            note({Kind::write,
                  number_,
                  {},
                  {},
                  offset,
                  {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(written)}});
        }
        return error;
    }
    IoResult<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
        const std::scoped_lock lock{shared_->mutex};
        const std::vector<std::byte>& bytes = shared_->files[number_];
        if (offset >= bytes.size()) return std::size_t{0};
        const std::size_t count =
            std::min<std::size_t>(into.size(), bytes.size() - static_cast<std::size_t>(offset));
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
        return count;
    }
    IoResult<bool> read_at_once(std::uint64_t offset, std::span<std::byte> into) const override {
        return *read(offset, into) == into.size();
    }
    std::error_code sync() override {
        const std::scoped_lock lock{shared_->mutex};
        const std::error_code error = shared_->count(Kind::sync);
        if (!error) note({Kind::sync, number_, {}, {}, 0, {}});
        return error;
    }
    std::error_code allocate(std::uint64_t size) override {
        const std::scoped_lock lock{shared_->mutex};
        const std::error_code error = shared_->count(Kind::allocate);
        if (error) return error;
        std::vector<std::byte>& bytes = shared_->files[number_];
        if (bytes.size() < size) bytes.resize(size);
        note({Kind::allocate, number_, {}, {}, size, {}});
        return {};
    }
    std::error_code truncate(std::uint64_t size) override {
        const std::scoped_lock lock{shared_->mutex};
        const std::error_code error = shared_->count(Kind::truncate);
        if (error) return error;
        shared_->files[number_].resize(size);
        note({Kind::truncate, number_, {}, {}, size, {}});
        return {};
    }
    IoResult<std::uint64_t> size() const override {
        const std::scoped_lock lock{shared_->mutex};
        return static_cast<std::uint64_t>(shared_->files[number_].size());
    }

private:
    void note(Step step) { shared_->steps.push_back(std::move(step)); }

    std::shared_ptr<Shared> shared_;
    const std::uint64_t number_;
};

FaultyDirectory::FaultyDirectory() : shared_(std::make_shared<Shared>()) {}

FaultyDirectory::FaultyDirectory(const Contents& contents) : FaultyDirectory() {
    for (const auto& [name, bytes] : contents) {
        shared_->names[name] = shared_->next_file;
        shared_->files[shared_->next_file++] = bytes;
    }
}

void FaultyDirectory::fail_call(std::uint64_t number, std::error_code error, std::size_t written) {
    const std::scoped_lock lock{shared_->mutex};
    shared_->failing_call = shared_->calls + number;
    shared_->call_error = error;
    shared_->call_written = written;
}

void FaultyDirectory::fail_all(Kind kind, std::error_code error) {
    const std::scoped_lock lock{shared_->mutex};
    shared_->kind_errors[kind] = error;
}

void FaultyDirectory::heal() {
    const std::scoped_lock lock{shared_->mutex};
    shared_->failing_call = 0;
    shared_->kind_errors.clear();
}

std::uint64_t FaultyDirectory::calls() const {
    const std::scoped_lock lock{shared_->mutex};
    return shared_->calls;
}

std::vector<Step> FaultyDirectory::steps() const {
    const std::scoped_lock lock{shared_->mutex};
    return shared_->steps;
}

std::size_t FaultyDirectory::step_count() const {
    const std::scoped_lock lock{shared_->mutex};
    return shared_->steps.size();
}

FaultyDirectory::Contents FaultyDirectory::contents() const {
    const std::scoped_lock lock{shared_->mutex};
    Contents contents;
    for (const auto& [name, file] : shared_->names) contents[name] = shared_->files[file];
    return contents;
}

IoResult<FilePtr> FaultyDirectory::open(const std::string& name) {
    const std::scoped_lock lock{shared_->mutex};
    const auto file = shared_->names.find(name);
    if (file == shared_->names.end()) return not_there();
    return FilePtr(std::make_shared<FaultyFile>(shared_, file->second));
}

IoResult<FilePtr> FaultyDirectory::create(const std::string& name) {
    const std::scoped_lock lock{shared_->mutex};
    if (const std::error_code error = shared_->count(Kind::create)) return error;
    const std::uint64_t number = shared_->next_file++;
    shared_->names[name] = number;
    shared_->steps.push_back({Kind::create, number, name, {}, 0, {}});
    return FilePtr(std::make_shared<FaultyFile>(shared_, number));
}

std::error_code FaultyDirectory::rename(const std::string& from, const std::string& to) {
    const std::scoped_lock lock{shared_->mutex};
    if (const std::error_code error = shared_->count(Kind::rename)) return error;
    const auto file = shared_->names.find(from);
    if (file == shared_->names.end()) return not_there();
    const std::uint64_t number = file->second;
    shared_->names.erase(file);
    shared_->names[to] = number;
    shared_->steps.push_back({Kind::rename, number, from, to, 0, {}});
    return {};
}

std::error_code FaultyDirectory::remove(const std::string& name) {
    const std::scoped_lock lock{shared_->mutex};
    if (const std::error_code error = shared_->count(Kind::remove)) return error;
    if (shared_->names.erase(name) == 0) return not_there();
    shared_->steps.push_back({Kind::remove, 0, name, {}, 0, {}});
    return {};
}

IoResult<std::vector<std::string>> FaultyDirectory::list() const {
    const std::scoped_lock lock{shared_->mutex};
    std::vector<std::string> names;
    for (const auto& [name, file] : shared_->names) names.push_back(name);
    return names;
}

std::error_code FaultyDirectory::sync() {
    const std::scoped_lock lock{shared_->mutex};
    const std::error_code error = shared_->count(Kind::sync_names);
    if (!error) shared_->steps.push_back({Kind::sync_names, 0, {}, {}, 0, {}});
    return error;
}

namespace {

class Unlocking final : public store::DirectoryLock {
public:
    explicit Unlocking(std::function<void()> unlock) : unlock_(std::move(unlock)) {}
    ~Unlocking() override { unlock_(); }
    Unlocking(const Unlocking&) = delete;
    Unlocking& operator=(const Unlocking&) = delete;

private:
    std::function<void()> unlock_;
};

}  // namespace

IoResult<std::unique_ptr<store::DirectoryLock>> FaultyDirectory::lock() {
    const std::scoped_lock lock{shared_->mutex};
    if (shared_->is_locked) return std::make_error_code(std::errc::device_or_resource_busy);
    shared_->is_locked = true;
    return std::unique_ptr<store::DirectoryLock>(
        std::make_unique<Unlocking>([shared = shared_] { shared->is_locked = false; }));
}

// --- PowerCut

PowerCut::PowerCut(const FaultyDirectory::Contents& at_first) {
    std::uint64_t number = 1;
    for (const auto& [name, bytes] : at_first) {
        durable_names_[name] = number;
        files_[number++].durable = bytes;
    }
}

void PowerCut::take(const Step& step) {
    switch (step.kind) {
        case Kind::create:
        case Kind::rename:
        case Kind::remove: unsynced_names_.push_back(step); break;
        case Kind::sync_names:
            for (const Step& each : unsynced_names_) apply(durable_names_, each);
            unsynced_names_.clear();
            break;
        case Kind::sync: {
            FileState& file = files_[step.file];
            for (const Step& each : file.unsynced) apply(file.durable, each, each.bytes.size());
            file.unsynced.clear();
            break;
        }
        default: files_[step.file].unsynced.push_back(step); break;
    }
}

void PowerCut::apply(std::vector<std::byte>& bytes, const Step& step, std::size_t write_bytes) {
    if (step.kind == Kind::write) {
        overwrite(bytes, step.offset, ByteSpan(step.bytes).first(write_bytes));
    } else if (step.kind == Kind::truncate || bytes.size() < step.offset) {
        bytes.resize(static_cast<std::size_t>(step.offset));
    }
}

void PowerCut::apply(Names& names, const Step& step) {
    if (step.kind == Kind::create) {
        names[step.name] = step.file;
    } else if (step.kind == Kind::remove) {
        names.erase(step.name);
    } else {
        names.erase(step.name);
        names[step.to] = step.file;
    }
}

FaultyDirectory::Contents PowerCut::cut(const Choose& choose) const {
    Names names = durable_names_;
    const std::size_t kept_names = choose(unsynced_names_.size() + 1);
    for (std::size_t i = 0; i < kept_names; ++i) apply(names, unsynced_names_[i]);

    FaultyDirectory::Contents contents;
    for (const auto& [name, number] : names) {
        const auto file = files_.find(number);
        std::vector<std::byte>& bytes = contents[name];
        if (file == files_.end()) continue;
        bytes = file->second.durable;
        const std::vector<Step>& unsynced = file->second.unsynced;
        const std::size_t whole = choose(unsynced.size() + 1);
        for (std::size_t i = 0; i < whole; ++i) apply(bytes, unsynced[i], unsynced[i].bytes.size());
        if (whole == unsynced.size() || unsynced[whole].kind != Kind::write) continue;
        // The write that the power met: its beginning, or any of its sectors.
        Step torn = unsynced[whole];
        if (choose(2) == 0) {
            apply(bytes, torn, choose(torn.bytes.size() + 1));
            continue;
        }
        bytes.resize(std::max<std::size_t>(
            bytes.size(), static_cast<std::size_t>(torn.offset) + torn.bytes.size()));
        for (std::size_t at = 0; at < torn.bytes.size(); at += sector_bytes) {
            const std::size_t count = std::min(sector_bytes, torn.bytes.size() - at);
            if (choose(2) == 0) continue;
            overwrite(bytes, torn.offset + at, ByteSpan(torn.bytes).subspan(at, count));
        }
    }
    return contents;
}

FaultyDirectory::Contents PowerCut::all() const {
    Names names = durable_names_;
    for (const Step& each : unsynced_names_) apply(names, each);
    FaultyDirectory::Contents contents;
    for (const auto& [name, number] : names) {
        const auto file = files_.find(number);
        if (file == files_.end()) continue;
        std::vector<std::byte>& bytes = contents[name];
        bytes = file->second.durable;
        for (const Step& each : file->second.unsynced) apply(bytes, each, each.bytes.size());
    }
    return contents;
}

}  // namespace test_support
