// Runs a fuzz target over every file of a corpus, without libFuzzer, so that each compiler and each
// sanitizer replays what fuzzing found. An empty corpus is a failure, not a success.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    std::vector<fs::path> inputs;
    for (int i = 1; i < argc; ++i) {
        if (!fs::is_directory(argv[i])) {
            std::fprintf(stderr, "%s is not a folder\n", argv[i]);
            return 1;
        }
        for (const auto& entry : fs::directory_iterator(argv[i])) {
            if (entry.is_regular_file()) inputs.push_back(entry.path());
        }
    }
    std::ranges::sort(inputs);
    for (const fs::path& path : inputs) {
        std::printf("%s\n", path.filename().c_str());
        std::fflush(stdout);  // the last line printed is the input that crashed
        std::ifstream in(path, std::ios::binary);
        const std::vector<char> bytes(std::istreambuf_iterator<char>(in), {});
        // A copy of the exact size, so that AddressSanitizer sees one byte too many.
        const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
        if (LLVMFuzzerTestOneInput(data.data(), data.size()) != 0) return 1;
    }
    std::printf("%zu inputs\n", inputs.size());
    return inputs.empty() ? 1 : 0;
}
