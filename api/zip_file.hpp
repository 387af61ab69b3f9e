#pragma once
// ZipFile: named parts of a ZIP archive that is in memory, unpacked. An archive may be made to unpack to much
// more than it is: nothing beyond a limit is unpacked.
// Errors: sentences, for who sent it. Lifetime: the archive outlives it. Threads: values of one thread.

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::api {

class ZipFile {
public:
    explicit ZipFile(std::string_view archive) : archive_(archive) {}

    /// Empty: there is no such part.
    [[nodiscard]] boost::system::result<std::string, std::string> unpack(
        std::string_view name, std::size_t bytes_max) const;

private:
    std::string_view archive_;
};

}  // namespace holdfast::api
