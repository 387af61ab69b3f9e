#pragma once
// ControlGroupMount: a file system of control groups in a folder of the test's own. Threads: none.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace test_support {

struct ControlGroupMount {
    std::filesystem::path root = std::filesystem::temp_directory_path() /
                                 ("holdfast-groups-" + std::to_string(::getpid()));

    ControlGroupMount() { std::filesystem::remove_all(root); }
    ~ControlGroupMount() { std::filesystem::remove_all(root); }
    ControlGroupMount(const ControlGroupMount&) = delete;
    ControlGroupMount& operator=(const ControlGroupMount&) = delete;

    void put(const std::string& file, const std::string& text) const {
        std::filesystem::create_directories((root / file).parent_path());
        std::ofstream{root / file} << text;
    }
};

}  // namespace test_support
