#include "machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace halfword::bench {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

TEST(Machine, BindsAThreadAndWhatItStartsLater) {
  const std::vector<int> allowed = allowed_processors();
  ASSERT_FALSE(allowed.empty());
  std::vector<int> of_thread;
  std::vector<int> of_its_thread;
  std::thread([&] {
    ASSERT_TRUE(bind_thread({allowed.back()}));
    of_thread = allowed_processors();
    std::thread([&] { of_its_thread = allowed_processors(); }).join();
  }).join();
  EXPECT_THAT(of_thread, ElementsAre(allowed.back()));
  EXPECT_THAT(of_its_thread, ElementsAre(allowed.back()));
  EXPECT_EQ(allowed_processors(), allowed);
}

TEST(Machine, TalksWithAProgramThroughPipes) {
  auto input = make_pipe();
  auto output = make_pipe();
  ASSERT_TRUE(input && output);
  auto program = ChildProcess::start({"/bin/sh", "-c", "read line; echo \"$GREETING $line\"; printf 'rest'"},
                                     {{input->first.number(), 0}, {output->second.number(), 1}}, {"GREETING=hello"});
  ASSERT_TRUE(program);
  output->second.close();
  ASSERT_TRUE(write_all(input->second.number(), "world\n"));
  std::string unread;
  EXPECT_EQ(read_line(output->first.number(), unread).value_or("nothing"), "hello world");
  const auto end = read_line(output->first.number(), unread);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::worker_lost);
  EXPECT_EQ(unread, "rest");
  EXPECT_TRUE(program->wait(5000));
}

TEST(Machine, FindsAndEndsWhatItHasStarted) {
  pid_t id = 0;
  {
    auto program = ChildProcess::start({"/bin/sleep", "1000"}, {});
    ASSERT_TRUE(program);
    id = program->id();
    EXPECT_THAT(descendants(getpid()), Contains(id));
    EXPECT_TRUE(bind_process(id, {allowed_processors().front()}));
    EXPECT_FALSE(program->wait(0));
  }
  EXPECT_THAT(descendants(getpid()), Not(Contains(id)));
}

TEST(Machine, SaysWhichProgramIsNotThere) {
  const auto program = ChildProcess::start({"/no/such/program"}, {});
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().message, testing::HasSubstr("/no/such/program"));
  EXPECT_FALSE(is_program("/no/such/program"));
}

}  // namespace
}  // namespace halfword::bench
