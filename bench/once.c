/* once: runs a command once and prints what it cost.
 *	once OUT COMMAND
 * COMMAND goes to sh with OUT as its standard output. Prints wall seconds, CPU
 * seconds (user and system, of all its processes), the peak memory of the
 * largest of them in KiB, and the exit status. A small program of its own: the
 * peak that the kernel reports begins with that of the process that forked. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
run(const char *out, const char *command)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(127);
	close(fd);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int
main(int argc, char **argv)
{
	struct timespec a, b;
	struct rusage used;
	int status = 0;
	pid_t child;

	if (argc != 3) {
		fputs("usage: once OUT COMMAND\n", stderr);
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	child = fork();
	if (child == 0)
		run(argv[1], argv[2]);
	if (child < 0 || wait4(child, &status, 0, &used) != child) {
		perror("once");
		return 3;
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.6f %.6f %ld %d\n",
	    (double)(b.tv_sec - a.tv_sec) +
		(double)(b.tv_nsec - a.tv_nsec) / 1e9,
	    seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss,
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
