// Any bytes as a file of users: reading never crashes, an error names a line of the file, every user who was
// read has a name that can be written again, and changing one of them keeps all the others.

#include "access/user_edit.hpp"
#include "access/user_table.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace holdfast;
using namespace holdfast::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string text{reinterpret_cast<const char*>(data), size};
    UserTable table;
    const auto added = table.add(text, "users");
    if (added.has_error()) {
        const auto lines = 1 + std::ranges::count(text, '\n');
        CHECK(added.error().line >= 1 && added.error().line <= static_cast<unsigned long>(lines));
        return 0;
    }
    table.for_each([&](const std::string& name, const User& user) {
        CHECK(problem_of_user_name(name).empty());
        CHECK(user.hash.decoy().cost() == user.hash.cost());
        const auto changed = change_user(text, "users", UserChange::remove, name, "");
        CHECK(changed.has_value());
        UserTable rest;
        CHECK(!rest.add(*changed, "users").has_error());
        CHECK(rest.size() + 1 == table.size() && rest.find(name) == nullptr);
    });
    return 0;
}
