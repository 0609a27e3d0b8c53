/*
 * void trip_spin(struct trip *), void trip_call(struct trip *): registers.c.
 *
 * The loop changes no flags: neither lea, jrcxz nor jmp does; rcx counts its
 * turns. Of the call the kernel changes rax, rcx and r11, to the same values
 * each time. The unwind information is exact at every instruction, or the thread
 * would not be borrowed.
 */
	.set LEVEL, 0
	.set USUAL_MXCSR, 8
	.set IN, 16
	.set OUT, 2536
	/* struct values */
	.set FLAGS, 120
	.set RED, 128
	.set CONTROL, 256
	.set STATUS, 264
	.set MXCSR, 272
	.set X87, 280
	.set MASK, 408
	.set VECTOR, 472

	.altmacro

.macro save register
	push	%\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
.endm

.macro restore register
	pop	%\register
	.cfi_adjust_cfa_offset -8
	.cfi_restore \register
.endm

/* each MACRO COUNT: MACRO 0, MACRO 1, ... */
.macro each macro, count
	.set i, 0
	.rept	\count
	\macro	%i
	.set i, i + 1
	.endr
.endm

/* To and from the registers: base is in rdi, or in rcx. */
.macro sse_in n
	movups	IN+VECTOR+64*\n(%rdi), %xmm\n
.endm
.macro avx_in n
	vmovups	IN+VECTOR+64*\n(%rdi), %ymm\n
.endm
.macro avx512_in n
	vmovdqu64 IN+VECTOR+64*\n(%rdi), %zmm\n
.endm
.macro mask_in n
	kmovq	IN+MASK+8*\n(%rdi), %k\n
.endm
.macro x87_in n
	fldt	IN+X87+16*(7-\n)(%rdi)
.endm
.macro red_in n
	mov	IN+RED+8*\n(%rdi), %rax
	mov	%rax, -8*\n-8(%rsp)
.endm
.macro sse_out n
	movups	%xmm\n, OUT+VECTOR+64*\n(%rcx)
.endm
.macro avx_out n
	vmovups	%ymm\n, OUT+VECTOR+64*\n(%rcx)
.endm
.macro avx512_out n
	vmovdqu64 %zmm\n, OUT+VECTOR+64*\n(%rcx)
.endm
.macro mask_out n
	kmovq	%k\n, OUT+MASK+8*\n(%rcx)
.endm
.macro x87_out n
	fstpt	OUT+X87+16*\n(%rcx)
.endm
.macro red_out n
	mov	-8*\n-8(%rsp), %rax
	mov	%rax, OUT+RED+8*\n(%rcx)
.endm

.macro vectors how, base
	cmpq	$1, LEVEL(%\base)
	ja	3f
	je	2f
	each	sse_\how, 16
	jmp	4f
2:	each	avx_\how, 16
	jmp	4f
3:	each	avx512_\how, 32
	each	mask_\how, 8
4:
.endm

.macro enter
	save	rbx
	save	rbp
	save	r12
	save	r13
	save	r14
	save	r15
	push	%rdi
	.cfi_adjust_cfa_offset 8
	vectors	in, rdi
	fninit
	fldcw	IN+CONTROL(%rdi)
	each	x87_in, 8
	ldmxcsr	IN+MXCSR(%rdi)
	pushq	IN+FLAGS(%rdi)
	.cfi_adjust_cfa_offset 8
	popfq
	.cfi_adjust_cfa_offset -8
	each	red_in, 16
	mov	IN+0(%rdi), %rax
	mov	IN+8(%rdi), %rbx
	mov	IN+16(%rdi), %rcx
	mov	IN+24(%rdi), %rdx
	mov	IN+32(%rdi), %rsi
	mov	IN+48(%rdi), %rbp
	mov	IN+56(%rdi), %r8
	mov	IN+64(%rdi), %r9
	mov	IN+72(%rdi), %r10
	mov	IN+80(%rdi), %r11
	mov	IN+88(%rdi), %r12
	mov	IN+96(%rdi), %r13
	mov	IN+104(%rdi), %r14
	mov	IN+112(%rdi), %r15
	mov	IN+40(%rdi), %rdi
.endm

/* rcx is the one register that is known by now. */
.macro leave_
	mov	(%rsp), %rcx
	mov	%rax, OUT+0(%rcx)
	mov	%rbx, OUT+8(%rcx)
	mov	%rdx, OUT+24(%rcx)
	mov	%rsi, OUT+32(%rcx)
	mov	%rdi, OUT+40(%rcx)
	mov	%rbp, OUT+48(%rcx)
	mov	%r8, OUT+56(%rcx)
	mov	%r9, OUT+64(%rcx)
	mov	%r10, OUT+72(%rcx)
	mov	%r11, OUT+80(%rcx)
	mov	%r12, OUT+88(%rcx)
	mov	%r13, OUT+96(%rcx)
	mov	%r14, OUT+104(%rcx)
	mov	%r15, OUT+112(%rcx)
	each	red_out, 16
	lea	-128(%rsp), %rsp
	.cfi_adjust_cfa_offset 128
	pushfq
	.cfi_adjust_cfa_offset 8
	popq	OUT+FLAGS(%rcx)
	.cfi_adjust_cfa_offset -8
	lea	128(%rsp), %rsp
	.cfi_adjust_cfa_offset -128
	cld
	fnstcw	OUT+CONTROL(%rcx)
	fnstsw	OUT+STATUS(%rcx)
	each	x87_out, 8
	fninit
	stmxcsr	OUT+MXCSR(%rcx)
	ldmxcsr	USUAL_MXCSR(%rcx)
	vectors	out, rcx
	cmpq	$0, LEVEL(%rcx)
	je	5f
	vzeroupper
5:	pop	%rdi
	.cfi_adjust_cfa_offset -8
	restore	r15
	restore	r14
	restore	r13
	restore	r12
	restore	rbp
	restore	rbx
	ret
.endm

	.text
	.globl trip_spin
	.type trip_spin, @function
trip_spin:
	.cfi_startproc
	enter
6:	lea	-1(%rcx), %rcx
	jrcxz	7f
	jmp	6b
7:	leave_
	.cfi_endproc
	.size trip_spin, . - trip_spin

	.globl trip_call
	.type trip_call, @function
trip_call:
	.cfi_startproc
	enter
	syscall
	leave_
	.cfi_endproc
	.size trip_call, . - trip_call

	.section .note.GNU-stack, "", @progbits
