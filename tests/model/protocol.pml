/* The protocol: processes of one share of one pipeline, each of which may sleep as long as it likes and wake up as a zombie.
 * A step is a label: everything between two labels happens at one moment, between two steps anything may happen elsewhere.
 * README.md says what is modelled and what is not.
 */
#include "catalog.pml"
#include "decisions.pml"

byte started; /* processes are alike, so they may be made to begin in order */
byte crashes = CRASHES;
bit halted;   /* somebody met what it must not go on from: a human is asked */
bit finished; /* somebody landed the last position */

#if CRASHES > 0
#define may_crash :: crashes > 0 -> crashes--; goto crashed
#else
#define may_crash
#endif

#ifdef ATOMIC
#define rows_request both_request
#else
#define rows_request lead_request
#endif

/* Which step follows; each mutant that takes another way is a second definition here. */
#if defined(ATOMIC) || defined(OTHER_FIRST)
#define after_lead next
#else
#define after_lead look_at_other
#endif
#ifdef OTHER_FIRST
#define after_prepare look_at_other
#define after_other commit_lead
#else
#define after_prepare commit_lead
#define after_other next
#endif
#ifdef NO_WAIT_FOR_OTHER
#define after_failed_other after_other
#else
#define after_failed_other look_at_other
#endif
#if defined(LATE_REFUSAL_IS_FINAL)
#define after_unknown commit_lead /* once more, as it was */
#define after_refused read_again
#elif defined(UNKNOWN_IS_REFUSED)
#define after_unknown read_again
#define after_refused read_again
#else
#define after_unknown look_again
#define after_refused look_again
#endif
#ifdef ADOPTED_ON_ANY_BASE
#define after_adopted commit_lead
#else
#define after_adopted look_again
#endif
#ifdef LOOK_FIRST
#define after_fence recover
#else
#define after_fence look
#endif

inline prepare(position, predecessor) {
  written++;
#ifdef MUTANT
  written <= PREPARED_EACH; /* an error that needs more is not looked for */
#else
  assert(written <= PREPARED_EACH);
#endif
  i = me * PREPARED_EACH + written;
  first[i] = position;
  before[i] = predecessor;
#ifndef PREPARED_AFTERWARDS
  if
#if defined(MUTANT) || (defined(REQUIREMENTS) && defined(ROLLBACK))
  :: durable = durable | bit_of(i)
#else
  :: before[i] == table[LEAD].key -> durable = durable | bit_of(i)
  :: else /* a zombie's: it can never land, so it is not worth a state */
#endif
  fi;
#endif
  key = i
}

inline forget_all() {
  own_fence = 0; key = 0; adopted = 0; base_of(me, LEAD) = gone; base_of(me, OTHER) = gone; outcome = 0; decision = 0
}

proctype process(byte me) {
  byte own_fence; /* fence epoch of this process */
  byte key;       /* Prepared under way, or the last one that is done */
  byte adopted;   /* undecided Prepared of an earlier process that this one brings to its end */
  byte written;   /* Prepared are numbered by process, which keeps states few */
  mtype outcome;
  mtype decision;

#ifdef LOOK_FIRST
  atomic { started == me -> load(); void_or_adopt(); key = table[LEAD].key };
#endif

load_for_fence:
  atomic {
    started >= me ->
    if :: started == me -> started++ :: else fi;
    load();
#ifdef FENCE_BY_NUMBER
    if :: outcome == unknown && fence == own_fence -> outcome = 0; goto look :: else fi;
#endif
    outcome = 0;
#ifdef NO_FENCE
    own_fence = fence;
    goto look;
#endif
    own_fence = fence + 1
  };

take_fence:
  atomic {
    if
    :: true ->
      call(fence_request, 0, own_fence, base_of(me, LEAD), 0);
      if
      :: outcome == applied -> outcome = 0; load(); goto after_fence
      :: else -> goto load_for_fence /* perhaps ours: the next number is right either way */
      fi
    may_crash
    fi
  };

look: /* afterwards, at a lead that nobody else can change any more */
  atomic {
    if
    :: true ->
      load();
      check_still_ours();
      if
      :: decision == commit && tables_disagree -> decision = history_changed
      :: else
      fi;
      if
      :: decision == fenced -> forget_all(); goto stopped
      :: decision == history_changed -> halted = true; forget_all(); goto stopped
      :: else -> decision = 0
      fi;
      void_or_adopt();
      key = table[LEAD].key;
#ifdef LOOK_FIRST
recover:
#endif
      if :: key == 0 -> goto next :: else -> goto look_at_other fi
    may_crash
    fi
  };

look_at_other:
  atomic {
    if
    :: true ->
      decide_roll_forward();
      base_of(me, OTHER) = current;
      if
      :: decision == applied -> decision = 0; goto after_other
      :: decision == fenced -> forget_all(); goto stopped
      :: decision == history_changed -> halted = true; forget_all(); goto stopped
      :: else -> decision = 0
      fi
    may_crash
    fi
  };

roll_forward:
  atomic {
    if
    :: true ->
      call(other_request, key, own_fence, base_of(me, OTHER), 0);
      if
      :: outcome == applied -> outcome = 0; goto after_other
      :: else -> outcome = 0; goto after_failed_other
      fi
    may_crash
    fi
  };

next:
  atomic {
    if
    :: adopted != 0 ->
      key = adopted;
      adopted = 0;
      goto after_adopted
    :: adopted == 0 && progress_after(key) == POSITIONS ->
      assert(table[LEAD].rows == below(POSITIONS) || rolled_back(LEAD) || revived); /* who is done has landed all */
      assert(table[OTHER].rows == below(POSITIONS) || rolled_back(OTHER) || revived); /* in the other table too */
      finished = true;
      forget_all();
      goto stopped
    :: else ->
      load();
#ifndef PREPARED_ON_ANY_BASE
      check_still_ours();
      if
      :: decision == commit && (table[OTHER].key != key || !history_intact(OTHER)) -> decision = history_changed
      :: else
      fi;
      if
      :: decision == fenced -> forget_all(); goto stopped
      :: decision == history_changed -> halted = true; forget_all(); goto stopped
      :: else -> decision = 0
      fi;
#endif
      prepare(progress_after(key), key)
    fi;
    goto after_prepare
  };

commit_lead:
  atomic {
    if
    :: true ->
      call(rows_request, key, own_fence, base_of(me, LEAD), base_of(me, OTHER));
      if
      :: outcome == applied -> outcome = 0; load(); goto after_lead
      :: outcome == refused -> outcome = 0; goto after_refused
      :: outcome == unknown -> outcome = 0; goto after_unknown
      fi
    may_crash
    fi
  };

look_again:
  atomic {
    if
    :: true ->
      decide_epoch();
      load();
      if
      :: decision == applied -> decision = 0; goto after_lead
      :: decision == fenced -> forget_all(); goto stopped
      :: decision == history_changed -> halted = true; forget_all(); goto stopped
      :: else -> decision = 0 /* commit: the same request; rebase: on what was just judged */
      fi;
#ifdef NEW_SNAPSHOT_ID
      prepare(first[key], before[key]);
#endif
      goto commit_lead
    may_crash
    fi
  };

#if defined(UNKNOWN_IS_REFUSED) || defined(LATE_REFUSAL_IS_FINAL)
read_again: /* the mutant takes its Prepared for void, and lands its positions under another key */
  atomic {
    load();
    if
    :: fence > own_fence -> forget_all(); goto stopped
    :: else -> prepare(first[key], table[LEAD].key); goto commit_lead
    fi
  };
#endif

#if CRASHES > 0
crashed:
  atomic { forget_all(); goto load_for_fence };
#endif

stopped:
  skip
}

init {
  atomic {
    i = 0;
    do
    :: i == PROCESSES -> break
    :: else -> run process(i); i++
    od;
    i = 0
  }
}

#ifdef PROGRESS
/* When nothing can move any more: the faults are over, and what had to land has landed, unless a human was asked. */
active proctype judge() {
end:
  timeout -> assert(finished || halted)
}
#endif
