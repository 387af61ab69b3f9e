#pragma once
// Directory and File: everything the commit log asks of a file system, and nothing else does.
// posix_directory.hpp has the system's calls, memory_directory.hpp keeps files in memory; the tests wrap
// one that fails, forgets what was not synced and tears writes.
//
// What is promised: bytes are durable once sync() of their file has returned without an error; a file's
// name (created, renamed, removed) once sync() of the directory has. A write that failed, or whose sync
// failed, may be there, in part or not at all, now and after a restart.
// Threads: a File may be read by many threads while one writes elsewhere in it; everything else is for one
// thread at a time. Lifetime: files may outlive their Directory object. Errors are the system's codes.

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

template <class T>
using IoResult = boost::system::result<T, std::error_code>;

using ByteSpan = std::span<const std::byte>;

class File {
public:
    virtual ~File() = default;

    /// All of the bytes, or an error.
    [[nodiscard]] virtual std::error_code write(std::uint64_t offset, ByteSpan bytes) = 0;
    /// How many bytes there were: fewer than asked only at the end of the file.
    [[nodiscard]] virtual IoResult<std::size_t> read(std::uint64_t offset,
                                                     std::span<std::byte> into) const = 0;
    /// Reads as read(), or not at all (false) where that would wait for a disk.
    [[nodiscard]] virtual IoResult<bool> read_at_once(std::uint64_t offset,
                                                      std::span<std::byte> into) const = 0;
    [[nodiscard]] virtual std::error_code sync() = 0;
    /// Makes the file at least so long, with room on the disk; new bytes are zero.
    [[nodiscard]] virtual std::error_code allocate(std::uint64_t bytes) = 0;
    [[nodiscard]] virtual std::error_code truncate(std::uint64_t bytes) = 0;
    [[nodiscard]] virtual IoResult<std::uint64_t> size() const = 0;
};
using FilePtr = std::shared_ptr<File>;

/// Held by a process as long as the object lives.
class DirectoryLock {
public:
    virtual ~DirectoryLock() = default;
};

class Directory {
public:
    virtual ~Directory() = default;

    /// Whether bytes that are written again stay where they are, so that allocated room is enough for them.
    /// A file system that copies instead (btrfs, ZFS) needs new room each time.
    [[nodiscard]] virtual bool writes_in_place() const { return true; }
    /// For sentences: where it is.
    [[nodiscard]] virtual std::string path() const = 0;
    [[nodiscard]] virtual IoResult<FilePtr> open(const std::string& name) = 0;
    /// An empty file; one of that name is emptied.
    [[nodiscard]] virtual IoResult<FilePtr> create(const std::string& name) = 0;
    /// Replaces a file named `to`.
    [[nodiscard]] virtual std::error_code rename(const std::string& from,
                                                 const std::string& to) = 0;
    [[nodiscard]] virtual std::error_code remove(const std::string& name) = 0;
    /// The names of the files, sorted.
    [[nodiscard]] virtual IoResult<std::vector<std::string>> list() const = 0;
    [[nodiscard]] virtual std::error_code sync() = 0;
    /// errc::device_or_resource_busy: another process has it.
    [[nodiscard]] virtual IoResult<std::unique_ptr<DirectoryLock>> lock() = 0;
};

}  // namespace holdfast::store
