// Whole files: reading them, and replacing them so that no failure can leave half a file. Errors are InputErrors that
// name the file and the reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace unfold {

/// The content of `path`, which must be a readable file (or pipe), not a folder.
std::string read_file(const std::filesystem::path& path);

/// Where write_atomically's caller puts its bytes, in order.
class FileSink {
 public:
  virtual void write(std::span<const std::byte> bytes) = 0;
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

 protected:
  ~FileSink() = default;
};

/// Replaces `path` by what `writer` writes: into `path`.partial, synchronised with the disk, then renamed over `path`,
/// and the folder synchronised. A reader sees the old file or the new one, also after a crash or power cut. On any
/// failure (full disk, missing folder, an exception of `writer`) the temporary file is removed and `path` stays as it
/// was. Writers of one path, in this process or another, wait for each other. A symbolic link is followed.
void write_atomically(const std::filesystem::path& path, const std::function<void(FileSink&)>& writer);
void write_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace unfold
