#pragma once
// MemoryDirectory: files in memory, for tests and for programs that want the log's format without a disk.
// Everything is durable at once and nothing fails.
// Threads: as directory.hpp says; the files' bytes are behind a mutex each. Lifetime: contents live as long
// as the object or an open file; a second log may be opened on it after the first is closed.

#include "store/directory.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::store {

class MemoryDirectory final : public Directory {
public:
    using Contents = std::map<std::string, std::vector<std::byte>>;

    MemoryDirectory();
    ~MemoryDirectory() override;
    explicit MemoryDirectory(const Contents& contents);
    MemoryDirectory(const MemoryDirectory&) = delete;
    MemoryDirectory& operator=(const MemoryDirectory&) = delete;

    std::string path() const override { return "memory"; }
    IoResult<FilePtr> open(const std::string& name) override;
    IoResult<FilePtr> create(const std::string& name) override;
    std::error_code rename(const std::string& from, const std::string& to) override;
    std::error_code remove(const std::string& name) override;
    IoResult<std::vector<std::string>> list() const override;
    std::error_code sync() override { return {}; }
    IoResult<std::unique_ptr<DirectoryLock>> lock() override;

    /// A copy of every file.
    [[nodiscard]] Contents contents() const;

private:
    class MemoryFile;
    std::map<std::string, std::shared_ptr<MemoryFile>> files_;
    std::shared_ptr<bool> is_locked_;
};

}  // namespace holdfast::store
