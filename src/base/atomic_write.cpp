// Replacing a file through a temporary one in the same folder.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/descriptor.h"
#include "base/file.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = std::size_t{1} << 16;

[[noreturn]] void fail(const fs::path& path) {
  const char* const advice = errno == ENOSPC || errno == EDQUOT ? "Free some space or write to another disk"
                             : errno == ENOENT                  ? "Create its folder first or choose another one"
                             : errno == EACCES || errno == EPERM || errno == EROFS ? "Choose a folder you may write to"
                                                                                   : "Choose another place to write to";
  const std::string reason = system_reason();
  std::error_code none;
  const char* const before = fs::exists(path, none) ? " The file that was there is unchanged." : "";
  throw InputError(fmt::format("cannot write '{}': {}.{} {}, then try again.", path.string(), reason, before, advice));
}

// The file behind a link, so that the link stays. What is neither a file nor absent must not be renamed over.
fs::path target_of(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
  const fs::file_status status = fs::status(target, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError(fmt::format("cannot write '{}': expected a file or a new name, found {}. Choose another name.",
                                 path.string(), fs::is_directory(status) ? "a folder" : "a device or pipe"));
  }
  return target;
}

bool is_still_named(const Descriptor& file, const fs::path& name) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.number(), &opened) == 0 && ::stat(name.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

// The temporary file, empty and locked. One fixed name, so that a killed process leaves at most one behind, which the
// next writer takes over. Whoever waited for the lock may hold a file that its writer has since renamed: open again.
Descriptor open_temporary(const fs::path& temporary, const fs::path& path) {
  for (;;) {
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (!file.is_open()) fail(path);
    // Some network file systems have no locks; there the user sees to it that one process writes a path.
    while (::flock(file.number(), LOCK_EX) != 0 && errno == EINTR) {
    }
    if (!is_still_named(file, temporary)) continue;
    if (::ftruncate(file.number(), 0) != 0) fail(path);
    return file;
  }
}

class BufferedSink final : public FileSink {
 public:
  BufferedSink(const Descriptor& file, const fs::path& path) : file_(file), path_(path) { buffer_.reserve(kBuffer); }

  using FileSink::write;
  void write(std::span<const std::byte> bytes) override {
    if (buffer_.size() + bytes.size() > kBuffer) flush();
    if (bytes.size() >= kBuffer) {
      put(bytes);
    } else {
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
  }

  void flush() {
    put(buffer_);
    buffer_.clear();
  }

 private:
  void put(std::span<const std::byte> bytes) {
    if (!write_all(file_.number(), bytes)) fail(path_);
  }

  const Descriptor& file_;
  const fs::path& path_;
  std::vector<std::byte> buffer_;
};

// Makes a rename survive a power cut. A folder that cannot be opened or synchronised (some network file systems) has
// the new file all the same.
void synchronise_folder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) ::fsync(opened.number());
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(FileSink&)>& writer) {
  const fs::path target = target_of(path);
  const fs::path temporary = target.string() + ".partial";
  const Descriptor file = open_temporary(temporary, path);
  try {
    BufferedSink sink(file, path);
    writer(sink);
    sink.flush();
    if (::fsync(file.number()) != 0) fail(path);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  synchronise_folder(target);
}

void write_atomically(const fs::path& path, std::string_view content) {
  write_atomically(path, [content](FileSink& sink) { sink.write(content); });
}

}  // namespace unfold
