// Programs that fork: the child gets a worker of its own at its first call, keeps what it could read, and can harm
// neither its parent nor its parent's worker.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csetjmp>
#include <cstring>
#include <thread>
#include <vector>

#include "libs/open_library.h"
#include "program/child_linux.h"

extern char** environ;

namespace {

using test::Child;
using test::in_a_program_of_its_own;
using test::Pipe;

class Fork : public test::InMode {};

TEST_P(Fork, GivesTheChildAWorkerOfItsOwnAtItsFirstCall) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    const auto add = library.function<int(int, int)>("add");
    EXPECT_EQ(add(1, 2), 3);
    const std::uint32_t of_parent = library.process();
    in_a_program_of_its_own([&] {
      EXPECT_EQ(add(3, 4), 7);
      EXPECT_NE(library.process(), of_parent);
    });
    EXPECT_EQ(library.process(), of_parent);
    EXPECT_EQ(add(5, 6), 11);
  });
}

TEST_P(Fork, OfAChildThatHasForkedGoesOn) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    in_a_program_of_its_own([&] {
      EXPECT_EQ(test::add_in(library), 42);
      in_a_program_of_its_own([&] {
        EXPECT_EQ(test::add_in(library), 42);
        in_a_program_of_its_own([&] { EXPECT_EQ(test::add_in(library), 42); });
      });
    });
    in_a_program_of_its_own([&] { EXPECT_EQ(test::add_in(library), 42); });
    EXPECT_EQ(test::add_in(library), 42);
  });
}

TEST_P(Fork, AfterARestartWorksAsBefore) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    library.restart();
    EXPECT_EQ(test::add_in(library), 42);
    in_a_program_of_its_own([&] {
      EXPECT_EQ(test::add_in(library), 42);
      library.restart();
      EXPECT_EQ(test::add_in(library), 42);
    });
    library.restart();
    EXPECT_EQ(test::add_in(library), 42);
  });
}

TEST_P(Fork, LeavesNoDescriptorBehindInEitherProcess) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    const std::string before = test::open_descriptors();
    Child([&] { EXPECT_EQ(test::open_descriptors(), before); }).wait();
    in_a_program_of_its_own([&] { EXPECT_EQ(test::open_descriptors(), before); });
    EXPECT_EQ(test::open_descriptors(), before);
  });
}

TEST_P(Fork, MakesFunctionsStaleThatTheParentReachedByAddress) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    std::uint64_t address = 0;
    ASSERT_EQ(hw_symbol(library.raw(), "add", &address, nullptr), HW_OK);
    const auto add = library.function_at<int(int, int)>(reinterpret_cast<void*>(address));
    EXPECT_EQ(add(1, 2), 3);
    in_a_program_of_its_own([&] {
      const halfword::error error = test::error_of([&] { add(1, 2); });
      EXPECT_EQ(test::code_of(error), "stale_handle") << error.what();
    });
    EXPECT_EQ(add(1, 2), 3);
  });
}

TEST_P(Fork, LetsTheChildEndInAnyWayWithoutHarmToTheParentsWorker) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    EXPECT_EQ(test::add_in(library), 42);
    EXPECT_EQ(Child([] { _exit(3); }).wait().exit_status, 3);
    EXPECT_EQ(Child([] { exit(4); }).wait().exit_status, 4);
    EXPECT_EQ(Child([] { raise(SIGKILL); }).wait().signal, SIGKILL);
    EXPECT_EQ(Child([&] {
                test::add_in(library);
                exit(5);
              })
                  .wait()
                  .exit_status,
              5);
    EXPECT_EQ(test::add_in(library), 42);
  });
}

TEST_P(Fork, LetsTheChildCloseWhatItsParentOpened) {
  in_a_program_of_its_own([&] {
    auto library = std::make_unique<halfword::library>(open("add"));
    EXPECT_EQ(test::add_in(*library), 42);
    in_a_program_of_its_own([&] { library.reset(); });
    EXPECT_EQ(test::add_in(*library), 42);
  });
}

TEST_P(Fork, LetsTheChildOpenOtherLibraries) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    EXPECT_EQ(test::add_in(library), 42);
    in_a_program_of_its_own([&] {
      const halfword::library other = open("variables");
      EXPECT_EQ(test::add_in(other), 42);
      EXPECT_EQ(test::add_in(library), 42);
    });
    EXPECT_EQ(test::add_in(library), 42);
  });
}

TEST_P(Fork, WorksWhileOtherThreadsCall) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    const auto add = library.function<int(int, int)>("add");
    std::atomic<bool> goes_on = true;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread)
      threads.emplace_back([&, thread] {
        for (int turn = 0; goes_on; ++turn) ASSERT_EQ(add(thread, turn), thread + turn);
      });
    for (int turn = 0; turn < 5; ++turn) in_a_program_of_its_own([&] { EXPECT_EQ(add(1, 2), 3); });
    goes_on = false;
    for (std::thread& thread : threads) thread.join();
  });
}

// The child has a copy of the calls that were under way; they cannot come back, because their worker is the parent's.
TEST_P(Fork, WithinACallbackEndsTheChildsCallAndNotTheParents) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("calls_back");
    const auto call = library.function<int(int (*)(int), int)>("call");
    Child* child = nullptr;
    const auto callback = library.callback<int(int)>([&](int value) {
      child = new Child([&] { EXPECT_EQ(test::add_in(library), 42); });
      EXPECT_EQ(test::add_in(library), 42);
      return value + 1;
    });
    EXPECT_EQ(call(callback, 5), 6);
    ASSERT_NE(child, nullptr);
    EXPECT_EQ(child->wait().exit_status, 0);
    delete child;
  });
}

TEST_P(Fork, WithinACallbackGivesTheChildAnErrorWhenItReturnsFromThere) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("calls_back");
    const auto call = library.function<int(int (*)(int), int)>("call");
    pid_t child = -1;
    const auto callback = library.callback<int(int)>([&](int value) {
      child = fork();
      return value + 1;
    });
    const auto result = call.try_call(callback, 5);
    if (child == 0) {
      const bool refused = !result.has_value() && (test::code_of(result.error()) == "stale_handle" ||
                                                   test::code_of(result.error()) == "worker_lost");
      const bool goes_on = refused && test::add_in(library) == 42;
      _exit(refused && goes_on ? 0 : refused ? 2 : 3);
    }
    ASSERT_GT(child, 0);
    EXPECT_EQ(Child(child).wait().exit_status, 0);
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_EQ(*result, 6);
  });
}

// As daemon(3) does it: the parent is gone before the child has looked at anything.
TEST_P(Fork, OfADaemonWorksAlthoughItsParentIsGone) {
  Pipe answers;
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    EXPECT_EQ(test::add_in(library), 42);
    if (fork() != 0) _exit(0);
    answers.send(test::add_in(library));
    _exit(0);
  });
  answers.close_writer();
  EXPECT_EQ(answers.receive(), 42);
}

TEST_P(Fork, IsNotDisturbedByProgramsThatAreStarted) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("add");
    const auto add = library.function<int(int, int)>("add");
    EXPECT_EQ(system("exit 7"), 7 << 8);
    EXPECT_EQ(add(1, 2), 3);
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    pid_t child = -1;
    ASSERT_EQ(posix_spawnp(&child, "true", nullptr, nullptr, arguments, environ), 0);
    EXPECT_EQ(Child(child).wait().exit_status, 0);
    EXPECT_EQ(add(1, 2), 3);
  });
}

TEST_P(Fork, LetsCallbacksOfTheParentServeTheChild) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("calls_back");
    const auto call = library.function<int(int (*)(int), int)>("call");
    const auto twice = library.callback<int(int)>([](int value) { return 2 * value; });
    EXPECT_EQ(call(twice, 4), 8);
    in_a_program_of_its_own([&] { EXPECT_EQ(call(twice, 5), 10); });
    EXPECT_EQ(call(twice, 6), 12);
  });
}

INSTANTIATE_IN_EVERY_MODE(Fork);

class ForkWithMemory : public test::InMode {};

TEST_P(ForkWithMemory, KeepsWhatTheChildCouldReadAndKeepsItApart) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("allocates");
    const auto make_block = library.function<void*(unsigned, int)>("make_block");
    const auto first_byte = library.function<int(void*)>("first_byte");
    auto* block = static_cast<unsigned char*>(make_block(300000, 'p'));
    ASSERT_NE(block, nullptr);
    Pipe to_child, to_parent;
    Child child([&] {
      EXPECT_EQ(block[0], 'p');
      EXPECT_EQ(block[299999], 'p');
      std::memset(block, 'c', 300000);
      to_parent.send(1);
      EXPECT_EQ(to_child.receive(), 2);  // the parent has written meanwhile
      EXPECT_EQ(block[0], 'c');
      EXPECT_EQ(block[299999], 'c');
    });
    EXPECT_EQ(to_parent.receive(), 1);
    EXPECT_EQ(block[0], 'p');
    EXPECT_EQ(first_byte(block), 'p');
    std::memset(block, 'P', 300000);
    to_child.send(2);
    EXPECT_EQ(child.wait().exit_status, 0);
    EXPECT_EQ(first_byte(block), 'P');
  });
}

TEST_P(ForkWithMemory, MakesPointersIntoTheParentsWorkerStaleInTheChildsCalls) {
  in_a_program_of_its_own([&] {
    const halfword::library library = open("allocates");
    const auto make_block = library.function<void*(unsigned, int)>("make_block");
    const auto first_byte = library.function<int(void*)>("first_byte");
    void* block = make_block(1000, 'p');
    ASSERT_NE(block, nullptr);
    in_a_program_of_its_own([&] {
      const auto result = first_byte.try_call(block);
      ASSERT_FALSE(result.has_value()) << "the child's worker read something at " << block << ": " << *result;
      EXPECT_EQ(test::code_of(result.error()), "stale_handle") << result.error().what();
    });
    EXPECT_EQ(first_byte(block), 'p');
  });
}

// The child looks at its parent's memory, which it got through its parent, when that is gone for certain.
TEST_P(ForkWithMemory, LetsADaemonUseWhatItHadAlthoughItsParentIsGone) {
  Pipe answers;
  in_a_program_of_its_own([&] {
    static const pid_t parent = getpid();
    pthread_atfork(nullptr, nullptr, [] {
      while (getppid() == parent) sched_yield();
    });
    const halfword::library library = open("allocates");
    const auto make_block = library.function<void*(unsigned, int)>("make_block");
    auto* block = static_cast<unsigned char*>(make_block(300000, 'p'));
    if (fork() != 0) _exit(0);
    answers.send(block[299999]);
    block[299999] = 'c';
    answers.send(block[299999]);
    answers.send(test::add_in(library));
    _exit(0);
  });
  answers.close_writer();
  EXPECT_EQ(answers.receive(), 'p');
  EXPECT_EQ(answers.receive(), 'c');
  EXPECT_EQ(answers.receive(), 42);
}

INSTANTIATE_TEST_SUITE_P(, ForkWithMemory, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART), test::name_of_mode);

}  // namespace
