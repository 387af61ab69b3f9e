#include "access/user_edit.hpp"

#include "access/text_file.hpp"
#include "access/user_table.hpp"

namespace holdfast::access {

Loaded<std::string> change_user(std::string_view text, const std::string& file, UserChange change,
                                std::string_view name, std::string_view proofs) {
    if (const auto problem = problem_of_user_name(name); !problem.empty()) {
        return FileError{file, 0, std::string{problem}, "give the user another name"};
    }
    const std::string entry = std::string{name} + ":";
    std::string changed;
    unsigned found = 0;
    for_each_line(text, [&](unsigned number, std::string_view line) {
        const bool is_entry = line.starts_with(entry);
        if (is_entry) found = number;
        if (is_entry && change == UserChange::remove) return true;
        if (is_entry && change == UserChange::passwd) {
            changed.append(entry).append(proofs);
        } else {
            changed.append(line);
        }
        changed += '\n';
        return true;
    });
    if (change == UserChange::add) {
        if (found != 0) {
            return FileError{file, found, "the user " + std::string{name} + " is there already",
                             "`holdfast user passwd` changes a password"};
        }
        return changed.append(entry).append(proofs).append("\n");
    }
    if (found == 0) {
        return FileError{file, 0, "there is no user " + std::string{name},
                         "`holdfast user list` shows who there is"};
    }
    return changed;
}

}  // namespace holdfast::access
